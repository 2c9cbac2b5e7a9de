#include <string>

int length(const std::string& name) {
    int result = name;
    return result;
}
