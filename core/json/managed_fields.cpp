// Cuts metadata.managedFields out of an object's text without touching another byte.
#include <optional>

#include <capstan/core/json/object_text.hpp>
#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kBlank = " \t\r\n";

// Where the last "managedFields" of the last "metadata" lies in `text`, which `document` was made
// of: from the opening quote of the key to behind the value.
simdjson::error_code Find(ondemand::document& document, const char* text, std::optional<TextSpan>& found) {
  ondemand::object root;
  if (const auto error = document.get_object().get(root); error) return error;
  for (auto field : root) {
    ondemand::raw_json_string key;
    if (const auto error = field.key().get(key); error) return error;
    if (!key.unsafe_is_equal("metadata")) continue;
    ondemand::object metadata;
    if (const auto error = field.value().get_object().get(metadata); error) return error;
    for (auto entry : metadata) {
      ondemand::raw_json_string name;
      if (const auto error = entry.key().get(name); error) return error;
      if (!name.unsafe_is_equal("managedFields")) continue;
      const auto begin = static_cast<std::size_t>(name.raw() - 1 - text);
      ondemand::value value;
      if (const auto error = entry.value().get(value); error) return error;
      ondemand::array list;
      std::string_view raw;
      if (const auto error = value.get_array().get(list); error) return error;
      if (const auto error = list.raw_json().get(raw); error) return error;
      const auto end = static_cast<std::size_t>(raw.data() + raw.size() - text);
      found = TextSpan{begin, end};
    }
  }
  return simdjson::SUCCESS;
}

}  // namespace

TextSpan WithComma(std::string_view object, TextSpan member) {
  const std::size_t next = object.find_first_not_of(kBlank, member.end);
  if (next != std::string_view::npos && object[next] == ',') {
    member.end = next + 1;
  } else if (const std::size_t before = object.find_last_not_of(kBlank, member.begin - 1);
             before != std::string_view::npos && object[before] == ',') {
    member.begin = before;
  }
  return member;
}

Result<std::optional<TextSpan>> ManagedFieldsSpan(ondemand::document& document, std::string_view object) {
  std::optional<TextSpan> found;
  if (const auto error = Find(document, object.data(), found); error) {
    return FailedText(error, Code::kDataLoss, "the object");
  }
  if (!found) return found;
  // raw_json runs up to the next token: back to the closing bracket.
  found->end = object.find_last_of(']', found->end - 1) + 1;
  found = WithComma(object, *found);
  return found;
}

Result<std::string> WithoutManagedFields(std::string_view object) {
  if (object.find("\"managedFields\"") == std::string_view::npos) return std::string(object);
  simdjson::padded_string padded(object);
  ondemand::parser parser;
  ondemand::document document;
  if (const auto error = parser.iterate(padded).get(document); error) {
    return FailedText(error, Code::kDataLoss, "the object");
  }
  CAPSTAN_TRY(const auto found, ManagedFieldsSpan(document, std::string_view(padded.data(), object.size())));
  if (!found) return std::string(object);
  std::string result(object.substr(0, found->begin));
  result += object.substr(found->end);
  return result;
}

}  // namespace capstan::json
