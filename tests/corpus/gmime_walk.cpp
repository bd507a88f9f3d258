// The same walk through the same messages with GMime.
#include <gmime/gmime.h>

#include <memory>

#include "corpus/outline.h"

namespace {

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

std::string type_of(GMimeObject* object) {
    GMimeContentType* const type = g_mime_object_get_content_type(object);
    std::string out = std::string(g_mime_content_type_get_media_type(type)) + '/' +
                      g_mime_content_type_get_media_subtype(type);
    for (char& c : out) c = g_ascii_tolower(c);
    return out;
}

std::string content_of(GMimePart* part) {
    GMimeDataWrapper* const wrapper = g_mime_part_get_content(part);
    if (wrapper == nullptr) return {};
    const Owned<GMimeStream> stream(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(wrapper, stream.get());
    GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

void walk(GMimeObject* object, unsigned depth) {
    if (object == nullptr) return;
    const std::string type = type_of(object);
    if (GMIME_IS_MULTIPART(object)) {
        corpus::write_container(depth, "multipart", type);
        auto* const multipart = GMIME_MULTIPART(object);
        for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i)
            walk(g_mime_multipart_get_part(multipart, i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        corpus::write_container(depth, "message", type);
        GMimeMessage* const inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        if (inner != nullptr) walk(g_mime_message_get_mime_part(inner), depth + 1);
    } else if (GMIME_IS_PART(object)) {
        corpus::write_leaf(depth, type, content_of(GMIME_PART(object)));
    }
}

}  // namespace

int main() {
    g_mime_init();
    std::string text;
    while (corpus::read_message(text)) {
        const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(text.data(), text.size())
        );
        const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
        GMimeMessage* const message = g_mime_parser_construct_message(parser.get(), nullptr);
        if (message != nullptr) {
            walk(g_mime_message_get_mime_part(message), 0);
            g_object_unref(message);
        }
        std::printf("|\n");
    }
    g_mime_shutdown();
    return 0;
}
