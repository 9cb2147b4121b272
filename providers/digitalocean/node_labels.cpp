#include <capstan/providers/digitalocean/detail/node_labels.hpp>

#include <algorithm>
#include <cctype>

#include <capstan/core/base/text.hpp>

namespace capstan::digitalocean {
namespace {

bool IsAlphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// `inner` lists the characters, besides letters and digits, that are allowed between the first and
// the last.
bool IsName(std::string_view text, std::size_t limit, std::string_view inner) {
  return !text.empty() && text.size() <= limit && IsAlphanumeric(text.front()) &&
         IsAlphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [inner](char c) {
           return IsAlphanumeric(c) || inner.find(c) != std::string_view::npos;
         });
}

bool IsLabelPrefix(std::string_view text) {
  if (text.size() > 253) return false;
  const auto parts = Split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return IsName(part, 253, "-") &&
           std::none_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  });
}

}  // namespace

bool IsLabelKey(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return IsName(key, 63, "-_.");
  return IsLabelPrefix(key.substr(0, slash)) && IsName(key.substr(slash + 1), 63, "-_.");
}

bool IsLabelValue(std::string_view value) { return value.empty() || IsName(value, 63, "-_."); }

Labels LabelsIn(const json::ObjectPtr& object) {
  Labels labels;
  if (const auto map = json::ObjectIn(object, "labels"))
    for (const auto& [key, value] : *map) labels[key] = value.isEmpty() ? "" : value.toString();
  return labels;
}

std::vector<Taint> TaintsIn(const json::ObjectPtr& object) {
  std::vector<Taint> taints;
  const auto array = json::ArrayIn(object, "taints");
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    const auto taint = json::AsObject(array->get(static_cast<unsigned>(i)));
    const auto either = [&](const char* lower, const char* upper) {
      return json::StringIn(taint, lower).value_or(json::StringIn(taint, upper).value_or(""));
    };
    taints.push_back({either("key", "Key"), either("value", "Value"), either("effect", "Effect")});
  }
  return taints;
}

json::ObjectPtr ToObject(const Labels& labels) {
  auto object = json::MakeObject();
  for (const auto& [key, value] : labels) object->set(key, value);
  return object;
}

json::ArrayPtr ToArray(const std::vector<Taint>& taints) {
  auto array = json::MakeArray();
  for (const auto& taint : taints) {
    auto item = json::MakeObject();
    item->set("key", taint.key);
    if (!taint.value.empty()) item->set("value", taint.value);
    item->set("effect", taint.effect);
    array->add(item);
  }
  return array;
}

std::vector<std::string> TaintTexts(const std::vector<Taint>& taints) {
  std::vector<std::string> texts;
  for (const auto& taint : taints) texts.push_back(StrCat(taint.key, "=", taint.value, ":", taint.effect));
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace capstan::digitalocean
