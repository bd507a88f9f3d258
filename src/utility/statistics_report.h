#pragma once

#include <string>

#include "tracking/statistics.h"
#include "utility/message.h"

// The faces of `imsimta statistics`. Foreign names are made printable or escaped.
namespace sluice::utility {

struct ReportView {
    std::size_t most_domains = 20;  ///< rows; those with most recipients
};

void report_text(const tracking::Statistics& counted, const ReportView& view, Console& console);
/// RFC 4180: section, name, then the counts, with a heading.
void report_csv(const tracking::Statistics& counted, const ReportView& view, Console& console);
/// One object a line: section, name, counts.
void report_json(const tracking::Statistics& counted, const ReportView& view, Console& console);
/// A page that needs nothing but itself, charts included.
std::string report_page(const tracking::Statistics& counted, const ReportView& view);

}  // namespace sluice::utility
