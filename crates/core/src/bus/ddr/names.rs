//! The names of rules: one for what several standards ask alike.

use super::rules::Wording;

macro_rules! names {
    ($($id:ident $name:literal $summary:literal $cause:literal;)*) => {
        $(pub(super) const $id: Wording = Wording { name: $name, summary: $summary, cause: $cause };)*
    };
}

names! {
    CMD1 "tCMD"
        "command to a command of one clock"
        "two commands meet on the command bus";
    CMD2 "tCMD_2"
        "command to a command of two clocks"
        "two commands meet on the command bus";
    CMD4 "tCMD_4"
        "command to a command of four clocks"
        "two commands meet on the command bus";
    AAD "tAAD"
        "first to second half of an activate, at the latest"
        "other commands are put between the halves for too long";
    RCD "tRCD"
        "activate to read or write"
        "a column command before its row is open";
    RAS "tRAS"
        "activate to precharge"
        "a row is closed before its cells are restored";
    RAS_MAX "tRASmax"
        "activate to precharge, at the latest"
        "a row stays open for longer than refresh allows";
    RC "tRC"
        "activate to activate of the same bank"
        "rows of one bank follow each other too fast";
    RC_REF "tRC_REF"
        "activate to refresh"
        "a refresh follows an activate of the same rank too soon";
    RC_PB "tRC_pb"
        "activate to refresh of that bank"
        "the refresh of a bank follows its activate too soon";
    RRD "tRRD"
        "activate to activate of another bank"
        "the controller counts no activates";
    RRD_S "tRRD_S"
        "activate to activate of another bank"
        "the controller counts no activates";
    RRD_L "tRRD_L"
        "activate to activate in the same bank group"
        "banks of one group are taken for banks of several";
    FAW "tFAW"
        "fifth activate after the first"
        "more than four activates in a window: the pumps cannot follow";
    RP "tRP"
        "precharge to activate"
        "a row is opened before the bit lines are precharged";
    RP_AB "tRPab"
        "precharge of all banks to activate"
        "all banks take longer to precharge than one";
    RP_REF "tRP_REF"
        "precharge to a command that needs idle banks"
        "a refresh or mode register set comes before the last bank is idle";
    RPAB_REF "tRPab_REF"
        "precharge of all banks to a command that needs idle banks"
        "all banks take longer to precharge than one";
    RP_PB "tRP_pb"
        "precharge to refresh of that bank"
        "the refresh of a bank comes before it is idle";
    PPD "tPPD"
        "precharge to precharge"
        "precharges of several banks follow as fast as the command bus allows";
    CCD "tCCD"
        "read to read"
        "bursts collide on the data bus";
    CCD_WR "tCCD_WR"
        "write to write"
        "bursts collide on the data bus";
    CCD_S "tCCD_S"
        "read to read"
        "bursts collide on the data bus";
    CCD_L "tCCD_L"
        "read to read in the same bank group"
        "reads of one bank group follow as fast as those of several";
    CCD_S_WR "tCCD_S_WR"
        "write to write"
        "bursts collide on the data bus";
    CCD_L_WR "tCCD_L_WR"
        "write to write in the same bank group"
        "writes of one bank group follow as fast as those of several";
    CCDMW "tCCDMW"
        "write to masked write of the same bank"
        "a masked write reads the row first, which the write before it still changes";
    RTW "tRTW"
        "read to write: turnaround of the data bus"
        "write data are driven while read data are still on the bus";
    WTR "tWTR"
        "write to read"
        "the controller counts from the command and not from the end of the data";
    WTR_S "tWTR_S"
        "write to read"
        "the controller counts from the command and not from the end of the data";
    WTR_L "tWTR_L"
        "write to read in the same bank group"
        "the short limit is used within a bank group";
    RTRS_RD "tRTRS_RD"
        "read to read of another rank"
        "no gap for the strobes when the rank changes";
    RTRS_WR "tRTRS_WR"
        "write to write of another rank"
        "no gap for the strobes when the rank changes";
    RTRS_RTW "tRTRS_RTW"
        "read to write of another rank"
        "no gap for the strobes when the rank changes";
    RTRS_WTR "tRTRS_WTR"
        "write to read of another rank"
        "no gap for the strobes when the rank changes";
    RTP "tRTP"
        "read to precharge"
        "a row is closed before the read has left it";
    WR "tWR"
        "write to precharge: write recovery"
        "a row is closed before the written data have reached the cells";
    RTP_AP "tRTP_AP"
        "read with auto precharge to activate"
        "the precharge behind the read is not counted";
    DAL "tDAL"
        "write with auto precharge to activate"
        "write recovery and the precharge behind it are not counted";
    RTP_REF "tRTP_REF"
        "read with auto precharge to a command that needs idle banks"
        "the precharge behind the read is not counted";
    DAL_REF "tDAL_REF"
        "write with auto precharge to a command that needs idle banks"
        "write recovery and the precharge behind it are not counted";
    RTP_PB "tRTP_pb"
        "read with auto precharge to refresh of that bank"
        "the precharge behind the read is not counted";
    DAL_PB "tDAL_pb"
        "write with auto precharge to refresh of that bank"
        "write recovery and the precharge behind it are not counted";
    RDSRE "tRDSRE"
        "read with auto precharge to self-refresh entry"
        "the memory sleeps before its data are out";
    WRSRE "tWRSRE"
        "write with auto precharge to self-refresh entry"
        "the memory sleeps before its data are in";
    RFC "tRFC"
        "refresh to any command"
        "the memory is still refreshing";
    RFC2 "tRFC2"
        "refresh of fine granularity 2x to any command"
        "the memory is still refreshing";
    RFC4 "tRFC4"
        "refresh of fine granularity 4x to any command"
        "the memory is still refreshing";
    RFC_PB "tRFCpb"
        "refresh of a bank to a command to that bank"
        "the bank is still refreshing";
    RFC_PB_REF "tRFCpb_REF"
        "refresh of a bank to refresh of the rank"
        "a bank is still refreshing";
    PBR2PBR "tpbR2pbR"
        "refresh of a bank to refresh of another"
        "refreshes of single banks overlap";
    PBR2ACT "tpbR2ACT"
        "refresh of a bank to activate of another"
        "the refresh opens rows as an activate does, and is not counted as one";
    RFC_SB "tRFCsb"
        "refresh of the same bank of all groups to a command to those banks"
        "the banks are still refreshing";
    RFC_SB_REF "tRFCsb_REF"
        "refresh of the same bank of all groups to refresh of the rank"
        "banks are still refreshing";
    REFSBRD "tREFSBRD"
        "refresh of the same bank of all groups to activate of another"
        "the refresh opens rows as an activate does, and is not counted as one";
    REFI "tREFI"
        "refresh at least once a period, on average"
        "refreshes are forgotten, or more are postponed than the standard allows";
    REF_RATE "tREFI_16"
        "seventeenth refresh after the first"
        "more refreshes are made up for at once than the standard allows";
    MRD "tMRD"
        "mode register set to mode register set"
        "mode registers are set without the pause between";
    MOD "tMOD"
        "mode register set to any other command"
        "a command comes before the new mode holds";
    MRW "tMRW"
        "mode register write to mode register write"
        "mode registers are written without the pause between";
    MRW_TO_ANY "tMRD"
        "mode register write to any other command"
        "a command comes before the new mode holds";
    MRR "tMRR"
        "mode register read to any command"
        "a command comes while the register is still read";
    RDPDEN "tRDPDEN"
        "read to power-down entry"
        "the memory sleeps before its data are out";
    WRPDEN "tWRPDEN"
        "write to power-down entry"
        "the memory sleeps before its data are in";
    WRAPDEN "tWRAPDEN"
        "write with auto precharge to power-down entry"
        "the memory sleeps before its data are in";
    ACTPDEN "tACTPDEN"
        "activate, precharge or refresh to power-down entry"
        "CKE falls in the clock of a command";
    CMDCKE "tCMDCKE"
        "activate, precharge or refresh to power-down entry"
        "CKE falls too soon after a command";
    PD "tPD"
        "power-down entry to exit"
        "CKE is low for too short";
    PD_MAX "tPDmax"
        "power-down entry to exit, at the latest"
        "power-down lasts for longer than refresh allows";
    XP "tXP"
        "power-down exit to any command"
        "a command comes before the memory is awake";
    XPDLL "tXPDLL"
        "slow power-down exit to a read or write"
        "a column command comes before the DLL has locked again";
    CKE "tCKE"
        "power-down exit to entry"
        "CKE is high for too short";
    CKESR "tCKESR"
        "self-refresh entry to exit"
        "self refresh is left too soon";
    XS "tXS"
        "self-refresh exit to a command that needs no locked DLL"
        "a command comes before the refresh under way has ended";
    XSDLL "tXSDLL"
        "self-refresh exit to a read or write"
        "a column command comes before the DLL has locked";
    ZQ_LONG "tZQoper"
        "long calibration to any command"
        "a command comes during calibration";
    ZQ_SHORT "tZQCS"
        "short calibration to any command"
        "a command comes during calibration";
    ZQ_CAL "tZQCAL"
        "start of calibration to its latch"
        "the result is taken over before it is there";
    ZQ_LATCH "tZQLAT"
        "latch of calibration to any command"
        "a command comes before the result is taken over";
}
