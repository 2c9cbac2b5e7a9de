identification division.
program-id. hello.
data division.
working-storage section.
01 total pic 9(8).
procedure division.
main-line.
    perform total
    move 1 to main-line
    stop run.
