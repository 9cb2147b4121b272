// Annotations with which users request something once, entry by entry. An entry that was carried
// out, or is already fulfilled, is removed, so that later changes of its subject are free again.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

bool IsRequest(std::string_view name) {
  return std::any_of(std::begin(kRequestAnnotations), std::end(kRequestAnnotations),
                     [&](const char* known) { return name == known; });
}

// The entries of an annotation except those in `used`; nullopt if none of them is there.
std::optional<std::vector<std::string>> WithoutUsed(std::string text, const std::set<std::string>& used) {
  std::replace(text.begin(), text.end(), ' ', ',');
  std::vector<std::string> left;
  bool found = false;
  for (auto& entry : Split(text, ',')) {
    if (entry.empty()) continue;
    if (used.count(entry) != 0)
      found = true;
    else
      left.push_back(std::move(entry));
  }
  return found ? std::optional(std::move(left)) : std::nullopt;
}

}  // namespace

Status UseUpRequests(ReconcileContext& ctx, const std::vector<std::string>& entries) {
  std::map<std::string, std::set<std::string>> used;  // by annotation
  for (const auto& entry : entries) {
    const auto mark = entry.find('=');
    if (mark == std::string::npos || !IsRequest(std::string_view(entry).substr(0, mark))) continue;
    used[entry.substr(0, mark)].insert(entry.substr(mark + 1));
  }
  auto annotations = json::MakeObject();
  for (const auto& [name, values] : used) {
    const auto text = ctx.object.Annotation(name);
    const auto left = text ? WithoutUsed(std::string(*text), values) : std::nullopt;
    if (left) annotations->set(name, left->empty() ? json::Tree() : json::Tree(Join(*left, ",")));
  }
  if (annotations->size() == 0) return {};
  auto metadata = json::MakeObject(), fields = json::MakeObject();
  metadata->set("annotations", annotations);
  fields->set("metadata", metadata);
  return ctx.PatchObject(fields);
}

}  // namespace capstan::managed
