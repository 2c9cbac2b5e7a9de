/*
 * A licence text that belongs to the file, not to the class below it.
 */
#include <map>
#include <string>
#include <vector>
#include "ledger.hpp"

#define LIMIT 10 // no unit, and no doc of the next one
namespace example::billing {

/** Money that came and went. */
template <typename T, int Size = (3 > 2)>
class Ledger final : public Base, private detail::Counted<T> {
public:
    explicit Ledger(int limit = LIMIT) noexcept : Base{limit}, limit_(limit) {}
    Ledger(const Ledger &) = default;
    ~Ledger() override { delete[] entries_; }

    // Why there is a limit:
    // see the contract.
    /** Groups what is there. */
    template <class K>
    [[nodiscard]] std::map<K, std::vector<T>> group(const std::map<K, T>& by, int (&sizes)[3],
                                                    std::string&& name = "a } in a string",
                                                    char **out = nullptr, K... more) const &
    {
        auto order = [&by, name = std::move(name)](const T& a, const T& b) mutable -> bool {
            return by.at(a) < by.at(b);
        };
        struct Local { int f() { return 0; } };
        return {};
    }

    /* far above: not part of it */

    virtual int open(int a, long b) = 0;
    virtual Ledger* next() = 0;
    int size() const; // a prototype is no unit
    Ledger& operator=(const Ledger& other) & { return *this; }
    T& operator[](std::size_t place) { return entries_[place]; }
    explicit operator bool() const { return size() != 0; }
    friend bool operator==(const Ledger& a, const Ledger& b) { return &a == &b; }
    static constexpr auto text() { return R"x(}")" /* no comment */)x"; }

    enum class State : char { Open = 'o', Shut = '\'' };
    struct Range {
        int from, to = 1'000;
        int length() { return to - from; }
    };

private:
    T *entries_ = nullptr;
    int limit_;
};

template <typename T, int Size>
int Ledger<T, Size>::size() const { return limit_; }

Entry::Entry(std::unique_ptr<Base> base) : base_(std::move(base)) {}
Entry::~Entry() = default;
Entry &Entry::operator+=(long amount) { amount_ += amount; return *this; }
const char *Entry::Part::name(void (*call)(int), const volatile int[2], ...) { return "é"; }
Entry::operator std::string() const { return ""; }

/// Sums them up.
template <>
template <>
long total<int>::of(Ledger<int> const& book) { return 0; }

static inline unsigned long long größe(auto... values) { return sizeof...(values); }

union Value { int whole; double part; };
typedef struct { int a; } Plain;

extern "C" int main(int argc, char *argv[])
try {
    for (auto& [key, value] : std::map<int, int>{}) if (int found = key; found > 1) return value;
    return 0;
} catch (...) {
    return 1;
}

}  // namespace example::billing
