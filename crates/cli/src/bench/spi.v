// An SPI controller and an echoing peripheral in mode 0: the transfer that `busproof bench` measures, for Verilog simulators.
// Both ends compare what they read with what was sent. +BYTES=1000 says how many.
`timescale 1ns / 1ns

module spi;
    reg sck = 0, mosi = 0, cs = 1;
    wire miso;
    reg [7:0] answer = 8'hff, heard = 0, reply = 0, got = 0, wanted = 8'hff;
    integer bytes, i, bits, wrong = 0, target_wrong = 0, words = 0, n = 0;

    // Byte number n of those that are sent: the low 32 bits of a product, some bits of it.
    function [7:0] payload(input [31:0] n);
        reg [31:0] product;
        begin
            product = n * 32'h9e3779b9;
            payload = product[20:13];
        end
    endfunction

    // The peripheral: answers each byte with its complement, one byte later.
    assign miso = cs ? 1'bz : reply[7];

    always @(negedge cs) begin
        n = 0;
        reply <= answer;
    end

    always @(posedge sck) begin
        heard = {heard[6:0], mosi};
        n = n + 1;
        if (n == 8) begin
            if (heard !== payload(words)) target_wrong = target_wrong + 1;
            words = words + 1;
            answer = ~heard;
        end
    end

    always @(negedge sck) begin
        if (n == 8) begin
            n = 0;
            reply <= answer;
        end else begin
            reply <= {reply[6:0], 1'b0};
        end
    end

    // The controller, at 10 MHz.
    initial begin
        if (!$value$plusargs("BYTES=%d", bytes)) bytes = 1000;
        #50 cs = 0;
        for (i = 0; i < bytes; i = i + 1) begin
            for (bits = 7; bits >= 0; bits = bits - 1) begin
                mosi = payload(i) >> bits;
                #50 sck = 1;
                got = {got[6:0], miso};
                #50 sck = 0;
            end
            if (got !== wanted) wrong = wrong + 1;
            wanted = ~payload(i);
        end
        #50 cs = 1;
        $display("bytes %0d wrong %0d", words, wrong + target_wrong);
        $finish;
    end
endmodule
