// Removes metadata.managedFields from an object's text without changing any other byte.
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <capstan/core/json/brackets/brackets.hpp>
#include <capstan/core/json/object_text.hpp>
#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {
namespace {

namespace ondemand = simdjson::ondemand;

// The position of each "managedFields" in each "metadata" of `text`, which `document` was parsed
// from: from the opening quote of the key to the end of the value.
simdjson::error_code Find(ondemand::document& document, std::string_view text, std::vector<TextSpan>& found) {
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
      const auto begin = static_cast<std::size_t>(name.raw() - 1 - text.data());
      ondemand::value value;
      if (const auto error = entry.value().get(value); error) return error;
      ondemand::array list;
      std::string_view raw;
      if (const auto error = value.get_array().get(list); error) return error;
      if (const auto error = list.raw_json().get(raw); error) return error;
      // raw_json extends to the next token, and lets any bracket close the array.
      const auto end = static_cast<std::size_t>(raw.data() + raw.size() - text.data());
      const std::size_t last = text.find_last_not_of(kBlank, end - 1);
      if (last == std::string_view::npos || last <= begin || text[last] != ']') return simdjson::TAPE_ERROR;
      found.push_back({begin, last + 1});
    }
  }
  return simdjson::SUCCESS;
}

}  // namespace

void TakeOut(std::string& text, std::vector<TextSpan>& members) {
  const std::string_view object = text;
  // From the end backwards, so that a comma removed with one member is not removed with the next.
  std::size_t gone_from = std::string_view::npos, gone_to = 0;
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    std::size_t next = object.find_first_not_of(kBlank, member->end);
    if (next != std::string_view::npos && next == gone_from) {
      next = object.find_first_not_of(kBlank, gone_to);
    } else {
      gone_to = 0;
    }
    if (next != std::string_view::npos && object[next] == ',') {
      member->end = next + 1;
    } else if (const std::size_t before = object.find_last_not_of(kBlank, member->begin - 1);
               before != std::string_view::npos && object[before] == ',') {
      member->begin = before;
    }
    gone_from = member->begin;
    gone_to = std::max(gone_to, member->end);
  }
  std::size_t at = 0, kept = 0;
  const auto keep = [&](std::size_t end) {
    if (end <= at) return;
    std::memmove(text.data() + kept, text.data() + at, end - at);
    kept += end - at;
  };
  for (const TextSpan& member : members) {
    keep(member.begin);
    at = std::max(at, member.end);
  }
  keep(text.size());
  text.resize(kept);
}

Result<std::string> WithoutManagedFields(std::string_view object) {
  if (object.find("\"managedFields\"") == std::string_view::npos) return std::string(object);
  simdjson::padded_string padded(object);
  ondemand::parser parser;
  ondemand::document document;
  if (const auto error = parser.iterate(padded).get(document); error) {
    return FailedText(error, Code::kDataLoss, "the object");
  }
  std::vector<TextSpan> found;
  if (const auto error = Find(document, std::string_view(padded.data(), object.size()), found); error)
    return FailedText(error, Code::kDataLoss, "the object");
  std::string rest(object);
  TakeOut(rest, found);
  return rest;
}

}  // namespace capstan::json
