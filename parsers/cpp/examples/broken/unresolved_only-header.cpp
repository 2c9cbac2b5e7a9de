#include "ledger/account.hpp"

long fee() {
    return 3;
}
