identification division.
program-id. hello.
data division.
working-storage section.
01 total pic 9(4).
procedure division.
    compute total = (total + 1 * 2.
    stop run.
