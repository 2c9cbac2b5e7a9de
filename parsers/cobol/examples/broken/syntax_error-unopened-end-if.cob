       POST-ENTRY.
           IF BALANCE < 0
               DISPLAY "overdrawn".
           END-IF.
