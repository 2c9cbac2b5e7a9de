       >>SOURCE FORMAT IS FREE
*> Interest on a balance, in free format; two programs in one file.
identification division.
program-id. interest.

data division.
working-storage section.
*> What is asked for.
01 request.
   05 balance        pic 9(9)v99 value 1000.
   05 rate           pic 9v9(4) value .0325.
   05 years          pic 99 value 10.
01 answer            pic z,zzz,zz9.99.
local-storage section.
77 year-no           pic 99.

procedure division.
main-line.
    move 0 to year-no
    perform varying year-no from 1 by 1 until year-no > years
        perform add-interest
        if balance > 5000 *> that's a lot. Stop here
            exit perform
        end-if
    end-perform
    move balance to answer
    display "it's " answer
    call "rounding" using balance
    goback.

*> Adds the interest of one year.
add-interest.
    compute balance rounded = balance * (1 + rate)
        on size error display 'too rich for "interest"'
    end-compute.
end program interest.

identification division.
program-id. rounding.
data division.
linkage section.
01 amount            pic 9(9)v99.
procedure division using amount.
    compute amount = function integer(amount)
    goback.
end program rounding.
