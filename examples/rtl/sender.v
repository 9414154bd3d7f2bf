// A sender of a valid/ready stream with a bug: it counts its words by a timer and not by READY, so it takes VALID back
// when the receiver is not ready in time.
`timescale 1ns / 1ps

module sender (
    input  wire       clk,
    input  wire       rst,
    output reg        valid,
    input  wire       ready,
    output reg  [7:0] data
);
    reg [1:0] timer;

    always @(posedge clk) begin
        if (rst) begin
            valid <= 1'b0;
            data  <= 8'h10;
            timer <= 2'd0;
        end else begin
            timer <= timer + 2'd1;
            if (timer == 2'd0) valid <= 1'b1;
            if (valid && (ready || timer == 2'd3)) begin  // mended: if (valid && ready)
                valid <= 1'b0;
                data  <= data + 8'h11;
            end
        end
    end
endmodule

module bench;
    reg clk = 1'b0, rst = 1'b1, ready = 1'b0;
    wire valid;
    wire [7:0] data;

    sender dut (.clk(clk), .rst(rst), .valid(valid), .ready(ready), .data(data));

    always #5 clk = ~clk;

    initial begin
        $dumpfile("sender.vcd");
        $dumpvars(0, dut);
        repeat (2) @(posedge clk);
        rst <= 1'b0;
        repeat (12) begin  // ready in every fifth clock
            repeat (4) @(posedge clk);
            ready <= 1'b1;
            @(posedge clk);
            ready <= 1'b0;
        end
        $finish;
    end
endmodule
