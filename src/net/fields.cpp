#include "net/fields.h"

namespace sluice::net {

void append_field(std::string& record, std::string_view field) {
    record += '\t';
    for (const char c : field) {
        switch (c) {
            case '\t':
                record += "\\t";
                break;
            case '\n':
                record += "\\n";
                break;
            case '\\':
                record += "\\\\";
                break;
            default:
                record += c;
        }
    }
}

void append_field(std::string& record, std::uint64_t number) {
    append_field(record, std::to_string(number));
}

std::string unescaped(std::string_view field) {
    std::string out;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != '\\' || i + 1 == field.size()) {
            out += field[i];
            continue;
        }
        const char c = field[++i];
        out += c == 't' ? '\t' : c == 'n' ? '\n' : c;
    }
    return out;
}

}  // namespace sluice::net
