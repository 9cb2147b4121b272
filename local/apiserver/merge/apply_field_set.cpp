#include <capstan/local/apiserver/merge/apply_field_set.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

constexpr int kDeepestFieldSet = 128;  // deeper levels sent by clients are ignored

FieldSet Read(const json::ObjectPtr& fields, int depth) {
  FieldSet set;
  set.member = fields->size() == 0 || fields->has(".");
  if (depth > kDeepestFieldSet) return set;
  for (const auto& name : fields->getNames()) {
    const json::ObjectPtr part = json::ObjectIn(fields, name);
    if (name != "." && part) set.parts[name] = Read(part, depth + 1);
  }
  return set;
}

// `k:{"name":"a","port":1}` to `[name="a",port=1]`, `v:"a"` to `[="a"]`, `f:x` to `.x`.
std::string ShownElement(const std::string& element) {
  const std::string rest = element.substr(2);
  if (element[0] == 'f') return "." + rest;
  if (element[0] != 'k') return "[=" + rest + "]";
  const auto keys = json::ParseObject(rest);
  if (!keys) return "[" + rest + "]";
  std::vector<std::string> texts;
  for (const auto& name : (*keys)->getNames()) texts.push_back(name + "=" + json::ToText((*keys)->get(name)));
  return "[" + Join(texts, ",") + "]";
}

void CollectPaths(const FieldSet& set, const std::string& path, std::vector<std::string>& paths) {
  if (set.member) paths.push_back(path);
  for (const auto& [element, part] : set.parts) {
    if (element.size() >= 2) CollectPaths(part, path + ShownElement(element), paths);
  }
}

json::ObjectPtr WriteSet(const FieldSet& set) {
  json::ObjectPtr fields = json::MakeObject(set.parts.size() + 1);
  if (set.member && !set.parts.empty()) fields->set(".", json::MakeObject());
  for (const auto& [element, part] : set.parts) fields->set(element, WriteSet(part));
  return fields;
}

}  // namespace

FieldSet Union(const FieldSet& a, const FieldSet& b) {
  FieldSet set = a;
  set.member = a.member || b.member;
  for (const auto& [element, part] : b.parts) set.parts[element] = Union(set.parts[element], part);
  return set;
}

FieldSet Difference(const FieldSet& a, const FieldSet& b) {
  FieldSet set;
  set.member = a.member && !b.member;
  for (const auto& [element, part] : a.parts) {
    const auto other = b.parts.find(element);
    FieldSet rest = other == b.parts.end() ? part : Difference(part, other->second);
    if (!rest.Empty()) set.parts[element] = std::move(rest);
  }
  return set;
}

FieldSet Intersection(const FieldSet& a, const FieldSet& b) {
  FieldSet set;
  set.member = a.member && b.member;
  for (const auto& [element, part] : a.parts) {
    const auto other = b.parts.find(element);
    if (other == b.parts.end()) continue;
    FieldSet both = Intersection(part, other->second);
    if (!both.Empty()) set.parts[element] = std::move(both);
  }
  return set;
}

json::ObjectPtr ToFieldsV1(const FieldSet& set) {
  FieldSet whole = set;
  whole.member = false;  // nobody owns an object as a whole
  return WriteSet(whole);
}

FieldSet FromFieldsV1(const json::ObjectPtr& fields) {
  if (!fields) return {};
  FieldSet set = Read(fields, 0);
  set.member = false;
  return set;
}

std::vector<std::string> PathsOf(const FieldSet& set) {
  std::vector<std::string> paths;
  CollectPaths(set, "", paths);
  return paths;
}

}  // namespace capstan::apiserver
