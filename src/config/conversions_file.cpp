#include "config/conversions_file.h"

#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "config/conversions_entry.h"
#include "config/conversions_lines.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

using Taken = ConversionsEntryBuilder::Taken;

class Reader {
public:
    Reader(FileSource& files, const Tailor* tailor, Diagnostics& diagnostics)
        : files_(files), tailor_(tailor), diagnostics_(diagnostics) {}

    void read(const std::string& path) {
        const auto text = files_.read(path);
        if (text) {
            read_text(path, *text);
        } else if (text.error().error_number() != ENOENT) {
            diagnostics_.error(
                {std::make_shared<const std::string>(path), 0, 0}, "E_INCLUDE",
                "cannot read the file: " + text.error().detail()
            );
        }
    }
    void read_text(const std::string& path, std::string_view text) {
        std::shared_ptr<const std::string> file = std::make_shared<const std::string>(path);
        std::swap(file, file_);
        read_conversions_lines(text, [this](const ConversionsLine& line) { read_line(line); });
        std::swap(file, file_);
    }
    conversion::Entries finish() {
        end_entry();
        return std::move(entries_);
    }

private:
    void read_line(const ConversionsLine& line) {
        switch (line.kind) {
            case ConversionsLine::Kind::comment:
                return;
            case ConversionsLine::Kind::blank:
                return end_entry();
            case ConversionsLine::Kind::include:
                return include(line);
            case ConversionsLine::Kind::clauses:
                break;
        }
        bool ends_entry = false;
        for (const ConversionsClause& clause : split_clauses(line.text, ends_entry))
            take(line, clause);
        if (ends_entry) end_entry();
    }

    void take(const ConversionsLine& line, const ConversionsClause& clause) {
        const auto place = line.place_of(clause.offset);
        const SourceLocation where{file_, place.line, place.column};
        if (!open_) {
            open_.emplace();
            where_ = where;
            physical_ = place.physical;
            is_good_ = true;
        }
        const auto error = [&](const char* code, std::string text, std::string hint) {
            is_good_ = false;
            diagnostics_.error(
                where, code, std::move(text), std::string(place.physical), std::move(hint)
            );
        };
        using Problem = ConversionsClause::Problem;
        if (clause.problem == Problem::no_equals)
            return error("E_CLAUSE", "a clause is written name=value", {});
        if (clause.problem == Problem::open_quote)
            return error("E_QUOTE", "the quoted value does not end on its line", {});
        if (clause.name == "SERVICE-COMMAND") service_where_ = where;
        switch (open_->take(clause.name, clause.value)) {
            case Taken::yes:
                return;
            case Taken::twice:
                return diagnostics_.warning(
                    where, "W_TWICE", clause.name + " stands twice in the entry, this one counts",
                    std::string(place.physical)
                );
            case Taken::bad_value:
                return error("E_VALUE", open_->problem(), {});
            case Taken::unknown_name:
                break;
        }
        const auto near = nearest_name(clause.name, ConversionsEntryBuilder::known_names());
        diagnostics_.warning(
            where, "W_NAME", "unknown clause " + printable(clause.name) + ", it is ignored",
            std::string(place.physical),
            near.empty() ? std::string() : "did you mean " + std::string(near) + '?'
        );
    }

    void end_entry() {
        if (!open_) return;
        // What was lost with a bad clause is not reported a second time.
        const bool complete = is_good_;
        conversion::Entry entry =
            open_->finish([&](std::string_view code, const std::string& text) {
                if (complete) diagnostics_.error(where_, std::string(code), text, physical_);
                is_good_ = false;
            });
        open_.reset();
        if (!is_good_) return;
        entry.where = where_;
        if (entry.service_command) entry.service_where = service_where_;
        entries_.entries.push_back(std::move(entry));
    }

    void include(const ConversionsLine& line) {
        const auto place = line.place_of(0);
        const auto error = [&](const char* code, std::string text) {
            diagnostics_.error(
                {file_, place.line, place.column}, code, std::move(text),
                std::string(place.physical)
            );
        };
        if (depth_ == conversions_include_nesting)
            return error("E_NEST", "inclusions are nested too deeply, three levels at most");
        if (++included_ > conversions_include_count) return error("E_NEST", "too many inclusions");
        auto path = resolve(trim(std::string_view(line.text).substr(1)));
        if (!path) return error("E_INCLUDE", path.error().detail());
        const auto text = files_.read(*path);
        if (!text) return error("E_INCLUDE", "cannot read the file: " + text.error().detail());
        ++depth_;
        read_text(*path, *text);
        --depth_;
    }

    [[nodiscard]] Result<std::string> resolve(std::string_view spec) const {
        std::string path(spec);
        if (tailor_ != nullptr) {
            auto resolved = tailor_->resolve(spec);
            if (!resolved) return resolved;
            path = std::move(*resolved);
        }
        return path.starts_with('/') ? path : directory_of(*file_) + '/' + path;
    }

    FileSource& files_;
    const Tailor* tailor_;
    Diagnostics& diagnostics_;
    conversion::Entries entries_;
    std::shared_ptr<const std::string> file_;
    std::optional<ConversionsEntryBuilder> open_;  ///< the entry being read
    SourceLocation where_;                         ///< its first clause
    SourceLocation service_where_;
    std::string physical_;
    bool is_good_ = true;
    unsigned depth_ = 0;
    unsigned included_ = 0;
};

}  // namespace

conversion::Entries read_conversions(
    const std::string& path, FileSource& files, const Tailor* tailor, Diagnostics& diagnostics
) {
    Reader reader(files, tailor, diagnostics);
    reader.read(path);
    return reader.finish();
}

conversion::Entries parse_conversions(
    std::string_view text, const std::string& file_name, Diagnostics& diagnostics
) {
    MemoryFiles none({});
    Reader reader(none, nullptr, diagnostics);
    reader.read_text(file_name, text);
    return reader.finish();
}

}  // namespace sluice::config
