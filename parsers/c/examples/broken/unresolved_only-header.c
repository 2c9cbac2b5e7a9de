#include "ledger/account.h"

long fee(void) {
    return 3;
}
