import org.example.bank.Rate;

class Account {
    Rate rate() {
        return null;
    }
}
