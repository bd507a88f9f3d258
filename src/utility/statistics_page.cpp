#include "utility/statistics_page.h"

// Both files become part of the program when it is built (CMakeLists.txt names them).
// NOLINTBEGIN
__asm__(
    ".pushsection .rodata\n"
    ".global sluice_page_begin\n"
    "sluice_page_begin:\n"
    ".incbin \"" SLUICE_STATISTICS_PAGE
    "\"\n"
    ".global sluice_page_end\n"
    "sluice_page_end:\n"
    ".global sluice_chart_begin\n"
    "sluice_chart_begin:\n"
    ".incbin \"" SLUICE_CHART_JS
    "\"\n"
    ".global sluice_chart_end\n"
    "sluice_chart_end:\n"
    ".popsection\n"
);
extern "C" const char sluice_page_begin[];
extern "C" const char sluice_page_end[];
extern "C" const char sluice_chart_begin[];
extern "C" const char sluice_chart_end[];
// NOLINTEND

namespace sluice::utility {

namespace {

void replace(std::string& text, std::string_view mark, std::string_view with) {
    const std::size_t at = text.find(mark);
    if (at != std::string::npos) text.replace(at, mark.size(), with);
}

// Inside of a script element no "</" may stand, nor "<!--".
std::string for_script(std::string_view json) {
    std::string out;
    for (const char c : json) {
        if (c == '<')
            out += "\\u003c";
        else
            out += c;
    }
    return out;
}

}  // namespace

std::string statistics_page(std::string_view figures) {
    const auto size = [](const char* begin, const char* end) {
        return static_cast<std::size_t>(end - begin);
    };
    std::string page(sluice_page_begin, size(sluice_page_begin, sluice_page_end));
    // The figures first: what they say cannot be taken for a mark of the page.
    const std::string data = for_script(figures);
    const std::size_t at = page.find("@FIGURES@");
    std::string head = page.substr(0, at);
    replace(head, "@CHART@", {sluice_chart_begin, size(sluice_chart_begin, sluice_chart_end)});
    return head + data + page.substr(at + std::string_view("@FIGURES@").size());
}

}  // namespace sluice::utility
