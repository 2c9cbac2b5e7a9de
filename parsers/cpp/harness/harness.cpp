// Calls a function with the arguments of each line of standard input, and tells what came of it.
#define main candidate_main
#include "candidate.cpp"
#undef main

#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <unistd.h>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace fedtranslate_harness {

// What JSON can hold; the text of a number as it was written.
struct Value {
    char kind = 'n';  // n(ull), b(ool), number '0', string '"', list '[', table '{'
    std::string text;
    std::vector<Value> items;
};

class Reader {
  public:
    explicit Reader(const std::string& text) : text_(text) {}

    Value value() {
        skip();
        Value made;
        char first = text_[at_];
        if (first == '[' || first == '{') {
            made.kind = first;
            char end = first == '[' ? ']' : '}';
            while (more(end)) {
                if (first == '{') {
                    made.text = value().text;
                    skip();
                    at_++;
                }
                made.items.push_back(value());
            }
        } else if (first == '"') {
            made.kind = first;
            made.text = quoted();
        } else {
            std::size_t start = at_;
            while (at_ < text_.size() && !std::strchr(",]} ", text_[at_])) at_++;
            made.text = text_.substr(start, at_ - start);
            made.kind = made.text == "null" ? 'n' : std::strchr("tf", first) ? 'b' : '0';
        }
        return made;
    }

  private:
    void skip() {
        while (at_ < text_.size() && text_[at_] == ' ') at_++;
    }

    bool more(char end) {
        skip();
        if (text_[at_] != end) {
            at_++;
            skip();
        }
        if (text_[at_] != end) return true;
        at_++;
        return false;
    }

    unsigned unit() {
        unsigned code = std::stoul(text_.substr(at_ + 1, 4), nullptr, 16);
        at_ += 4;
        return code;
    }

    std::string quoted() {
        std::string made;
        for (at_++; text_[at_] != '"'; at_++) {
            char letter = text_[at_];
            if (letter != '\\') {
                made += letter;
                continue;
            }
            letter = text_[++at_];
            const char* place = std::strchr("bfnrt", letter);
            if (letter == 'u') {
                unsigned code = unit();
                if (code >= 0xd800 && code < 0xdc00) {
                    at_ += 2;
                    code = 0x10000 + ((code - 0xd800) << 10) + (unit() - 0xdc00);
                }
                append(made, code);
            } else {
                made += place ? "\b\f\n\r\t"[place - "bfnrt"] : letter;
            }
        }
        at_++;
        return made;
    }

    static void append(std::string& made, unsigned code) {
        if (code < 0x80) {
            made += char(code);
        } else if (code < 0x800) {
            made += char(0xc0 | code >> 6);
            made += char(0x80 | (code & 0x3f));
        } else if (code < 0x10000) {
            made += char(0xe0 | code >> 12);
            made += char(0x80 | (code >> 6 & 0x3f));
            made += char(0x80 | (code & 0x3f));
        } else {
            made += char(0xf0 | code >> 18);
            made += char(0x80 | (code >> 12 & 0x3f));
            made += char(0x80 | (code >> 6 & 0x3f));
            made += char(0x80 | (code & 0x3f));
        }
    }

    const std::string& text_;
    std::size_t at_ = 0;
};

// How a value of type T is read, and what is passed of it to a parameter of type A.
template <class T, class = void> struct Hold;

template <class T> struct Hold<T, std::enable_if_t<std::is_arithmetic_v<T>>> {
    T made{};
    explicit Hold(const Value& value) {
        if constexpr (std::is_same_v<T, bool>) {
            made = value.text == "true";
        } else if constexpr (std::is_floating_point_v<T>) {
            const std::string& text = value.kind == '{' ? value.items[0].text : value.text;
            made = static_cast<T>(std::strtod(text.c_str(), nullptr));
        } else if (value.kind == '"') {
            made = static_cast<T>(value.text[0]);
        } else {
            made = static_cast<T>(std::stoll(value.text));
        }
    }
    T& get() { return made; }
};

template <> struct Hold<std::string> {
    std::string made;
    explicit Hold(const Value& value) : made(value.text) {}
    std::string& get() { return made; }
};

template <class T> struct Hold<std::vector<T>> {
    std::vector<T> made;
    explicit Hold(const Value& value) {
        for (const Value& one : value.items) made.push_back(Hold<T>(one).get());
    }
    std::vector<T>& get() { return made; }
};

template <class M> struct HoldMap {
    M made;
    explicit HoldMap(const Value& value) {
        for (const Value& pair : value.items[0].items) {
            made[Hold<typename M::key_type>(pair.items[0]).get()] =
                Hold<typename M::mapped_type>(pair.items[1]).get();
        }
    }
    M& get() { return made; }
};
template <class K, class V> struct Hold<std::map<K, V>> : HoldMap<std::map<K, V>> {
    using HoldMap<std::map<K, V>>::HoldMap;
};
template <class K, class V>
struct Hold<std::unordered_map<K, V>> : HoldMap<std::unordered_map<K, V>> {
    using HoldMap<std::unordered_map<K, V>>::HoldMap;
};

// A pointer is the start of an array, or of a text.
template <class T> struct Hold<T*> {
    using Plain = std::remove_const_t<T>;
    std::vector<Plain> made;
    explicit Hold(const Value& value) {
        if constexpr (std::is_same_v<Plain, char>) {
            if (value.kind == '"') made.assign(value.text.begin(), value.text.end());
        }
        for (const Value& one : value.items) made.push_back(Hold<Plain>(one).get());
        if constexpr (std::is_same_v<Plain, char>) made.push_back('\0');
    }
    T* get() { return made.data(); }
};

template <class A> using Held = Hold<std::remove_cv_t<std::remove_reference_t<A>>>;

void quote(std::ostream& out, const std::string& text) {
    static const char* digits = "0123456789abcdef";
    out << '"';
    for (unsigned char letter : text) {
        if (letter == '"' || letter == '\\') {
            out << '\\' << letter;
        } else if (letter < 0x20) {
            out << "\\u00" << digits[letter >> 4] << digits[letter & 15];
        } else {
            out << letter;
        }
    }
    out << '"';
}

template <class T, class = void> struct Show {
    static void show(std::ostream& out, const T&) {
        out << "{\"other\":";
        quote(out, typeid(T).name());
        out << '}';
    }
};

template <class T> void show(std::ostream& out, const T& value) { Show<T>::show(out, value); }

template <class T> struct Show<T, std::enable_if_t<std::is_arithmetic_v<T>>> {
    static void show(std::ostream& out, T value) {
        if constexpr (std::is_same_v<T, bool>) {
            out << (value ? "true" : "false");
        } else if constexpr (std::is_same_v<T, char>) {
            quote(out, std::string(1, value));
        } else if constexpr (!std::is_floating_point_v<T>) {
            out << +value;
        } else if (std::isfinite(value)) {
            std::ostringstream text;
            text.precision(std::numeric_limits<T>::max_digits10);
            text << value;
            bool plain = text.str().find_first_of(".e") == std::string::npos;
            out << text.str() << (plain ? ".0" : "");
        } else {
            const char* name = value > 0 ? "Infinity" : value < 0 ? "-Infinity" : "NaN";
            out << "{\"float\":\"" << name << "\"}";
        }
    }
};

template <class L> void show_all(std::ostream& out, const L& list) {
    out << '[';
    bool first = true;
    for (const auto& one : list) {
        if (!first) out << ',';
        first = false;
        show<typename L::value_type>(out, one);
    }
    out << ']';
}

template <> struct Show<std::string> {
    static void show(std::ostream& out, const std::string& text) { quote(out, text); }
};
template <> struct Show<const char*> {
    static void show(std::ostream& out, const char* text) {
        if (text) {
            quote(out, text);
        } else {
            out << "null";
        }
    }
};
template <> struct Show<char*> : Show<const char*> {};
template <class T> struct Show<std::vector<T>> {
    static void show(std::ostream& out, const std::vector<T>& list) { show_all(out, list); }
};
template <class A, class B> struct Show<std::pair<A, B>> {
    static void show(std::ostream& out, const std::pair<A, B>& both) {
        out << '[';
        Show<std::remove_cv_t<A>>::show(out, both.first);
        out << ',';
        Show<B>::show(out, both.second);
        out << ']';
    }
};
template <class... T> struct Show<std::tuple<T...>> {
    static void show(std::ostream& out, const std::tuple<T...>& all) {
        out << '[';
        const char* comma = "";
        std::apply(
            [&](const auto&... one) {
                ((out << comma, Show<std::decay_t<decltype(one)>>::show(out, one), comma = ","),
                 ...);
            },
            all);
        out << ']';
    }
};
template <class T> struct Show<std::optional<T>> {
    static void show(std::ostream& out, const std::optional<T>& value) {
        if (value) {
            Show<T>::show(out, *value);
        } else {
            out << "null";
        }
    }
};
template <class M> void show_table(std::ostream& out, const char* name, const M& members) {
    out << "{\"" << name << "\":";
    show_all(out, members);
    out << '}';
}
template <class K, class V> struct Show<std::map<K, V>> {
    static void show(std::ostream& out, const std::map<K, V>& m) { show_table(out, "map", m); }
};
template <class K, class V> struct Show<std::unordered_map<K, V>> {
    static void show(std::ostream& out, const std::unordered_map<K, V>& m) {
        show_table(out, "map", m);
    }
};
template <class T> struct Show<std::set<T>> {
    static void show(std::ostream& out, const std::set<T>& s) { show_table(out, "set", s); }
};
template <class T> struct Show<std::unordered_set<T>> {
    static void show(std::ostream& out, const std::unordered_set<T>& s) {
        show_table(out, "set", s);
    }
};

// What the caller sees again: arrays and what was passed by reference.
template <class A> void show_argument(std::ostream& out, Held<A>& held) {
    if constexpr (std::is_pointer_v<std::remove_reference_t<A>>) {
        if constexpr (std::is_same_v<std::decay_t<decltype(held.made[0])>, char>) {
            out << "null";
        } else {
            show(out, held.made);
        }
    } else if constexpr (std::is_reference_v<A>) {
        show(out, held.made);
    } else {
        out << "null";
    }
}

// Tells of the call that ended in a signal, and ends the program: its memory is not to be trusted.
// The checks of the library end in SIGABRT.
volatile std::size_t current = 0;

extern "C" void leave(int signal) {
    const char* name = signal == SIGABRT   ? "SIGABRT"
                       : signal == SIGSEGV ? "SIGSEGV"
                       : signal == SIGFPE  ? "SIGFPE"
                       : signal == SIGBUS  ? "SIGBUS"
                                           : "SIGILL";
    char told[100];
    int size = std::snprintf(
        told, sizeof told, "\x1e{\"call\":%zu,\"exception\":\"signal: %s\",\"arguments\":[]}\n",
        current, name);
    if (write(2, told, size) < 0) _exit(4);
    _exit(3);
}

void catch_signals() {
    static char stack[1 << 16];
    stack_t own{};
    own.ss_sp = stack;
    own.ss_size = sizeof stack;
    sigaltstack(&own, nullptr);
    struct sigaction action {};
    action.sa_handler = leave;
    action.sa_flags = SA_ONSTACK;
    for (int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) {
        sigaction(signal, &action, nullptr);
    }
}

template <class R, class... A, class F, std::size_t... I>
void answer(std::ostream& told, F function, const Value& given, std::index_sequence<I...>) {
    std::tuple<Held<A>...> held{Held<A>(given.items.at(I))...};
    std::ostringstream result;
    try {
        if constexpr (std::is_void_v<R>) {
            function(static_cast<A&&>(std::get<I>(held).get())...);
            result << ",\"result\":null";
        } else {
            result << ",\"result\":";
            show<std::decay_t<R>>(
                result, function(static_cast<A&&>(std::get<I>(held).get())...));
        }
    } catch (const std::exception& error) {
        int status = 0;
        char* name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);
        std::string said = std::string(status == 0 ? name : "exception") + ": " + error.what();
        result.str("");
        result << ",\"exception\":";
        quote(result, said.compare(0, 5, "std::") == 0 ? said.substr(5) : said);
        std::free(name);
    } catch (...) {
        result.str("");
        result << ",\"exception\":\"exception: \"";
    }
    told << result.str() << ",\"arguments\":[";
    const char* comma = "";
    ((told << comma, show_argument<A>(told, std::get<I>(held)), comma = ","), ...);
    told << ']';
}

template <class R, class... A, class F> int serve(F function) {
    std::string line;
    std::vector<std::string> lines;
    while (std::getline(std::cin, line)) lines.push_back(line);
    catch_signals();
    for (std::size_t number = 0; number < lines.size(); number++) {
        current = number;
        std::cout << '\x1e' << number << std::endl;
        std::fflush(stdout);
        std::ostringstream told;
        told << "{\"call\":" << number;
        Value given = Reader(lines[number]).value();
        answer<R, A...>(told, function, given, std::index_sequence_for<A...>());
        std::cout.flush();
        std::fflush(stdout);
        std::cerr << '\x1e' << told.str() << '}' << std::endl;
    }
    return 0;
}

template <class R, class... A> int start(R (*function)(A...)) { return serve<R, A...>(function); }
template <class R, class C, class... A> int start(R (C::*method)(A...)) {
    return serve<R, A...>([method](A... all) -> R {
        C made{};
        return (made.*method)(static_cast<A&&>(all)...);
    });
}
template <class R, class C, class... A> int start(R (C::*method)(A...) const) {
    return serve<R, A...>([method](A... all) -> R {
        C made{};
        return (made.*method)(static_cast<A&&>(all)...);
    });
}

}  // namespace fedtranslate_harness

int main() { return fedtranslate_harness::start({function}); }
