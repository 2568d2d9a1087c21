"""Values of PERCONA_TELEMETRY_DISABLE, and what they mean to everybody who reads it."""

ON: tuple[bytes, ...] = (
    *(b"", b"0", b"false", b"False", b"FALSE", b"fALSe"),
    *(b"no", b"No", b"NO", b"nO", b"off", b"Off", b"OFF", b"oFF"),
)

OFF: tuple[bytes, ...] = (
    *(b"1", b"true", b"TRUE", b"yes", b"on", b"ON", b"enabled", b"disabled", b"y", b"n", b"f"),
    # Numbers that arithmetic would fail on, or take for nought.
    *(b"08", b"00", b"-1", b"-0", b"+0", b"0x0", b"0.0", b"1+1", b"0;0"),
    # Nearly a word that counts.
    *(b" ", b"\t", b"\n", b" 0", b"0 ", b"0\n", b"\n0", b"0\r", b"false\n", b"no\n\n"),
    *(b"'0'", b'"0"', b"\\0", b"[0]", b"0|1", b"0)", b"nof", b"offf", b"fals", b"?", b"*", b"??"),
    # What somebody might try to run.
    *(b"$(touch pwned)", b"`touch pwned`", b";touch pwned", b"x[$(touch pwned)]", b"${PATH}"),
    *(b"a[$(touch pwned 1>&2)0]", b"$((1/0))", b"-e", b"-n", b"!", b"(", b"-f", b"--", b"= 0"),
    # Not ASCII, and not even text.
    *("ｏｆｆ".encode(), "０".encode(), "nо".encode(), b"\xff", b"0\xff", b"off\xc3"),
    b"x" * 10000,
)
