#include "message/content_type.h"

#include <gtest/gtest.h>

namespace sluice::message {
namespace {

std::string shown(const StructuredValue& field) {
    std::string out = field.value;
    for (const Parameter& parameter : field.parameters) {
        out += " | " + parameter.name + " = " + parameter.value;
        if (!parameter.charset.empty()) out += " {" + parameter.charset + '}';
        if (!parameter.language.empty()) out += " {" + parameter.language + '}';
    }
    return out;
}

struct Row {
    const char* name;
    std::string value;
    std::string shown;
};
void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}
class StructuredField : public testing::TestWithParam<Row> {};

TEST_P(StructuredField, IsRead) {
    EXPECT_EQ(shown(parse_structured_value(GetParam().value)), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc2045,
    StructuredField,
    testing::Values(
        Row{"empty", "", ""},
        Row{"alone", " text/plain", "text/plain"},
        Row{"token", "text/plain; charset=us-ascii", "text/plain | charset = us-ascii"},
        Row{"quoted", "a/b; x=\"y; \\\"z\\\"\"; w=1", "a/b | x = y; \"z\" | w = 1"},
        Row{"folded", "multipart/mixed;\r\n\tboundary=\"a b\"", "multipart/mixed | boundary = a b"},
        Row{"comments", "text/plain (a (b) \\)) ; (c) charset=us-ascii (Plain text); (d)",
            "text/plain | charset = us-ascii"},
        Row{"empty value", "a/b; x=\"\"; y=", "a/b | x =  | y = "}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Rfc2231,
    StructuredField,
    testing::Values(
        Row{"continuation", "message/external-body; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu\"",
            "message/external-body | URL = ftp://cs.utk.edu"},
        Row{"charset and language", "a/x; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
            "a/x | title = This is ***fun*** {us-ascii} {en-us}"},
        Row{"both",
            "a/x; title*0*=us-ascii'en'This%20is%20even%20more%20; "
            "title*1*=%2A%2A%2Afun%2A%2A%2A%20; "
            "title*2=\"isn't it!\"",
            "a/x | title = This is even more ***fun*** isn't it! {us-ascii} {en}"},
        Row{"any order", "a/x; n*1=b; k=v; n*0=a", "a/x | n = ab | k = v"},
        Row{"more than ten", "a/x; n*0=0; n*1=1; n*10=a; n*2=2", "a/x | n = 012a"},
        Row{"gap", "a/x; n*1=b; n*3=d", "a/x | n = bd"},
        Row{"converted", "attachment; filename*=iso-8859-1''M%FCller.txt",
            "attachment | filename = M\xC3\xBCller.txt {iso-8859-1}"},
        Row{"unknown charset", "attachment; filename*=x-none''M%FCller.txt",
            "attachment | filename = M\xFCller.txt {x-none}"},
        Row{"no charset", "attachment; filename*=''a%20b", "attachment | filename = a b"},
        Row{"no quotes", "attachment; filename*=a%20b", "attachment | filename = a b"},
        Row{"extended wins", "attachment; filename=\"M_ller\"; filename*=utf-8''M%C3%BCller",
            "attachment | filename = M\xC3\xBCller {utf-8}"},
        Row{"broken escapes", "attachment; filename*=utf-8''%4%zz%41%",
            "attachment | filename = %4%zzA% {utf-8}"}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Wild,
    StructuredField,
    testing::Values(
        Row{"no end quote", "a/b; name=\"x.doc", "a/b | name = x.doc"},
        Row{"blanks without quotes", "a/b; name=my file (1).doc; x=y",
            "a/b | name = my file | x = y"},
        Row{"parenthesis in a word", "a/b; name=file(1).doc", "a/b | name = file(1).doc"},
        Row{"no semicolons", "text/plain charset=utf-8 format=flowed",
            "text/plain | charset = utf-8 | format = flowed"},
        Row{"semicolons", "a/b;; ; x=y;", "a/b | x = y"},
        Row{"blanks around equals", "a/b; x = y; z =\"w\"", "a/b | x = y | z = w"},
        Row{"path", "a/b; name=\"C:\\temp\\new.doc\"", "a/b | name = C:\\temp\\new.doc"},
        Row{"encoded word", "a/b; name=\"=?utf-8?Q?M=C3=BCller?= =?utf-8?B?LnR4dA==?=\"",
            "a/b | name = M\xC3\xBCller.txt"},
        Row{"encoded word without quotes",
            "a/b; filename==?iso-8859-1?Q?M=FCller?=", "a/b | filename = M\xC3\xBCller"},
        Row{"no encoded word in a boundary", "multipart/x; boundary=\"=?utf-8?Q?a?=\"",
            "multipart/x | boundary = =?utf-8?Q?a?="},
        Row{"utf-8", "a/b; name=\"M\xC3\xBCller\"", "a/b | name = M\xC3\xBCller"},
        Row{"latin-1", "a/b; name=M\xFCller", "a/b | name = M\xFCller"},
        Row{"no name", "a/b; \"x\"; =y; z", "a/b"},
        Row{"blanks in the type", "text / html ; a=b", "text/html | a = b"},
        Row{"quoted disposition", "\"attachment\"; filename=x", "attachment | filename = x"}
    )
);

TEST(StructuredField, TakesABoundedNumberOfParameters) {
    std::string value = "a/b";
    for (int i = 0; i < 1000; ++i) value += "; n" + std::to_string(i) + "=v";
    EXPECT_EQ(parse_structured_value(value).parameters.size(), max_parameters);
}

struct WrittenRow {
    const char* name;
    StructuredValue field;
    std::string text;
};
void PrintTo(const WrittenRow& row, std::ostream* out) {
    *out << row.name;
}
class WrittenField : public testing::TestWithParam<WrittenRow> {};

TEST_P(WrittenField, IsFoldedAndReadsBack) {
    const std::string text = format_structured_field("Content-Type", GetParam().field);
    EXPECT_EQ(text, GetParam().text);
    StructuredValue back = parse_structured_value(std::string_view(text).substr(13));
    for (Parameter& parameter : back.parameters) parameter.charset.clear();
    EXPECT_EQ(back, GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    WrittenField,
    testing::Values(
        WrittenRow{"plain", {"text/plain", {}}, "Content-Type: text/plain\r\n"},
        WrittenRow{
            "token and quoted",
            {"text/plain", {{"charset", "utf-8"}, {"name", "a \"b\" \\c"}}},
            "Content-Type: text/plain; charset=utf-8; name=\"a \\\"b\\\" \\\\c\"\r\n"},
        WrittenRow{
            "folded",
            {"multipart/mixed", {{"boundary", std::string(60, 'b')}}},
            "Content-Type: multipart/mixed;\r\n boundary=" + std::string(60, 'b') + "\r\n"},
        WrittenRow{
            "utf-8",
            {"a/b", {{"name", "M\xC3\xBCller"}}},
            "Content-Type: a/b; name*=utf-8''M%C3%BCller\r\n"},
        WrittenRow{
            "long",
            {"a/b", {{"name", std::string(100, 'n')}}},
            "Content-Type: a/b;\r\n name*0*=utf-8''" + std::string(55, 'n') +
                ";\r\n name*1*=" + std::string(45, 'n') + "\r\n"},
        WrittenRow{
            "looks like an encoded word",
            {"a/b", {{"name", "=?utf-8?Q?x?="}}},
            "Content-Type: a/b; name*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D\r\n"},
        WrittenRow{
            "octets of no charset",
            {"a/b", {{"name", "M\xFCller"}}},
            "Content-Type: a/b; name*=''M%FCller\r\n"},
        WrittenRow{"empty", {"a/b", {{"x", ""}}}, "Content-Type: a/b; x=\"\"\r\n"}
    )
);

TEST(StructuredField, AControlInjectsNothing) {
    EXPECT_EQ(
        format_structured_field(
            "Content-Type", {"a/b", {{"x", "y\r\nBcc: z"}, {"n\r\nBcc: ", "v"}}}
        ),
        "Content-Type: a/b; x=\"y  Bcc: z\"\r\n"
    );
}

TEST(Parameters, AreFoundAndSet) {
    Parameters parameters = {{"Charset", "x"}, {"charset", "y"}};
    EXPECT_EQ(parameter_value(parameters, "CHARSET"), "x");
    EXPECT_EQ(parameter_value(parameters, "name"), "");
    set_parameter(parameters, "charset", "z");
    set_parameter(parameters, "name", "n");
    EXPECT_EQ(shown({"", parameters}), " | Charset = z | charset = y | name = n");
}

TEST(ContentType, IsTextPlainWhereNothingCanBeRead) {
    for (const char* value : {"", "text", "text/", "/plain", "a/b/c", "a b", ";charset=x"}) {
        const ContentType type = parse_content_type(value);
        EXPECT_TRUE(type.is("text", "plain")) << value;
        EXPECT_FALSE(type.is_readable) << value;
    }
    EXPECT_EQ(parameter_value(parse_content_type(";charset=x").parameters, "charset"), "x");
    EXPECT_TRUE(parse_content_type("Text/HTML").is("text", "html"));
}

}  // namespace
}  // namespace sluice::message
