// A controller that reads the identification of a flash at 50 MHz, and selects it 2 ns before the first clock edge: a nanosecond
// too late. host.vcd is what Verilator 5.006 made of it, by
//
//     $ verilator --binary --timing --trace --top-module host host.v && obj_dir/Vhost
`timescale 1ns / 1ns

module host;
    reg sck = 0, mosi = 0, cs_n = 1;
    reg [31:0] command = 32'h9f000000, answer = 32'h00ef4018;
    wire miso = answer[31];
    integer i;

    initial begin
        $dumpfile("host.vcd");
        $dumpvars(0, host);
        #100 mosi = command[31];
        #20 cs_n = 0;
        #2;
        for (i = 0; i < 32; i = i + 1) begin
            sck = 1;
            #10 sck = 0;
            command = command << 1;
            // The flash shifts with the falling edge, 5 ns later; the controller at once.
            mosi = command[31];
            #5 answer = answer << 1;
            #5;
        end
        #20 cs_n = 1;
        #100 $finish;
    end
endmodule
