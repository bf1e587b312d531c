"""Does a join repeat rows? Found out from the compiled SQL and the declared keys, without a row."""
