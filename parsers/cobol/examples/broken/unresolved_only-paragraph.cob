       POST-ENTRY.
           ADD ENTRY-AMOUNT TO BALANCE
           PERFORM WRITE-ENTRY
           IF BALANCE < 0
               GO TO OVERDRAWN
           END-IF.
