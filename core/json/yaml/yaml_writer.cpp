#include <algorithm>
#include <new>
#include <string>
#include <vector>

#include <yaml.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/core/json/yaml/yaml_scalar.hpp>

namespace capstan::json {
namespace {

// libyaml can only fail here for lack of memory, because texts are converted to UTF-8 before.
void Check(int done) {
  if (done == 0) throw std::bad_alloc();
}

int AppendBytes(void* out, unsigned char* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), size);
  return 1;
}

std::string AsUtf8(const std::string& text) {
  if (IsUtf8(text)) return text;
  std::string clean;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = Utf8Length(std::string_view(text).substr(at));
    clean += length == 0 ? "\xEF\xBF\xBD" : std::string_view(text).substr(at, length);
    at += length == 0 ? 1 : length;
  }
  return clean;
}

// YAML 1.1 has other line breaks than \n, and readers convert them to \n inside a block.
bool HasOtherLineEnds(std::string_view text) {
  return text.find('\r') != std::string_view::npos || text.find("\xC2\x85") != std::string_view::npos ||
         text.find("\xE2\x80\xA8") != std::string_view::npos ||
         text.find("\xE2\x80\xA9") != std::string_view::npos;
}

yaml_scalar_style_t StyleOf(const std::string& text) {
  if (HasOtherLineEnds(text)) return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
  if (text.find('\n') != std::string::npos) return YAML_LITERAL_SCALAR_STYLE;
  return IsPlainString(text) ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

class Writer {
 public:
  explicit Writer(std::string& out) {
    Check(yaml_emitter_initialize(&emitter_));
    yaml_emitter_set_output(&emitter_, AppendBytes, &out);
    yaml_emitter_set_unicode(&emitter_, 1);
    yaml_emitter_set_width(&emitter_, -1);
  }
  ~Writer() { yaml_emitter_delete(&emitter_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void Document(const Tree& tree) {
    Check(yaml_stream_start_event_initialize(&event_, YAML_UTF8_ENCODING));
    Emit();
    Check(yaml_document_start_event_initialize(&event_, nullptr, nullptr, nullptr, 1));
    Emit();
    Value(tree);
    Check(yaml_document_end_event_initialize(&event_, 1));
    Emit();
    Check(yaml_stream_end_event_initialize(&event_));
    Emit();
  }

 private:
  void Emit() { Check(yaml_emitter_emit(&emitter_, &event_)); }

  void Scalar(const std::string& text, yaml_scalar_style_t style) {
    Check(yaml_scalar_event_initialize(&event_, nullptr, nullptr,
                                       reinterpret_cast<const yaml_char_t*>(text.data()),
                                       static_cast<int>(text.size()), 1, 1, style));
    Emit();
  }
  void String(const std::string& text) {
    const std::string clean = AsUtf8(text);
    Scalar(clean, StyleOf(clean));
  }

  void Value(const Tree& tree) {
    if (const ObjectPtr object = AsObject(tree)) {
      Object(object);
    } else if (const ArrayPtr array = AsArray(tree)) {
      Check(yaml_sequence_start_event_initialize(&event_, nullptr, nullptr, 1, YAML_BLOCK_SEQUENCE_STYLE));
      Emit();
      for (const Tree& item : *array) Value(item);
      Check(yaml_sequence_end_event_initialize(&event_));
      Emit();
    } else if (!IsNull(tree) && tree.isString()) {
      String(tree.convert<std::string>());
    } else {
      Scalar(ToText(tree), YAML_PLAIN_SCALAR_STYLE);
    }
  }

  void Object(const ObjectPtr& object) {
    Check(yaml_mapping_start_event_initialize(&event_, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE));
    Emit();
    std::vector<std::string> names = object->getNames();
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      String(name);
      Value(object->get(name));
    }
    Check(yaml_mapping_end_event_initialize(&event_));
    Emit();
  }

  yaml_emitter_t emitter_{};
  yaml_event_t event_{};
};

}  // namespace

std::string ToYaml(const Tree& tree) {
  std::string out;
  Writer(out).Document(tree);
  return out;
}

}  // namespace capstan::json
