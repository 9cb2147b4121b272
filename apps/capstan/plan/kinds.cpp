#include <capstan/apps/capstan/plan/kinds.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/crd.hpp>

namespace capstan::app {
namespace {

void AddName(ServedKind& kind, const std::string& name) {
  const std::string lower = ToLower(name);
  if (lower.empty() || std::find(kind.names.begin(), kind.names.end(), lower) != kind.names.end()) return;
  kind.names.push_back(lower);
}

void AddCrd(ServedKind& kind, const std::string& document) {
  const auto crd = json::ParseObject(document);
  if (!crd) return;
  const auto spec = json::ObjectIn(*crd, "spec");
  const auto names = json::ObjectIn(spec, "names");
  if (json::StringIn(spec, "group") != kind.info.group || json::StringIn(names, "kind") != kind.info.kind)
    return;
  kind.crd = document;
  AddName(kind, json::StringIn(names, "singular").value_or(""));
  const auto shorts = json::ArrayIn(names, "shortNames");
  for (std::size_t i = 0; shorts && i < shorts->size(); ++i) {
    const auto name = shorts->get(static_cast<unsigned>(i));
    if (name.isString()) AddName(kind, name.convert<std::string>());
  }
}

bool LooksLikeAFile(const std::string& argument) {
  const auto ends = [&argument](std::string_view ending) {
    return argument.size() >= ending.size() &&
           argument.compare(argument.size() - ending.size(), ending.size(), ending) == 0;
  };
  return argument[0] == '.' || argument[0] == '/' || ends(".yaml") || ends(".yml") || ends(".json") ||
         std::count(argument.begin(), argument.end(), '/') != 1;
}

}  // namespace

std::vector<ServedKind> KindsOf(external::Provider& provider) {
  std::vector<ServedKind> kinds;
  for (const auto& info : provider.manifest().kinds) {
    ServedKind kind;
    kind.info = info;
    kind.provider = &provider;
    AddName(kind, info.kind);
    AddName(kind, info.plural);
    // Conflicts with the operator's own fields are reported when the CRD is installed.
    for (const auto& crd : provider.manifest().crds)
      AddCrd(kind, managed::CompleteCrd(crd, provider.manifest()).value_or(crd));
    const auto plain = kind.names;
    for (const auto& name : plain) AddName(kind, name + "." + info.group);
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

const ServedKind* FindKind(const std::vector<ServedKind>& kinds, std::string_view name) {
  const std::string wanted = ToLower(name);
  for (const auto& kind : kinds) {
    if (std::find(kind.names.begin(), kind.names.end(), wanted) != kind.names.end()) return &kind;
  }
  return nullptr;
}

const ServedKind* FindKind(const std::vector<ServedKind>& kinds, std::string_view api_version,
                           std::string_view kind) {
  for (const auto& served : kinds) {
    if (served.info.kind == kind && StrCat(served.info.group, "/", served.info.version) == api_version)
      return &served;
  }
  return nullptr;
}

std::string KindNames(const std::vector<ServedKind>& kinds) {
  std::vector<std::string> names;
  for (const auto& kind : kinds) {
    const std::string& shortest =
        *std::min_element(kind.names.begin(), kind.names.end(),
                          [](const auto& a, const auto& b) { return a.size() < b.size(); });
    names.push_back(EqualsIgnoreCase(shortest, kind.info.kind) ? kind.info.kind
                                                               : StrCat(kind.info.kind, " (", shortest, ")"));
  }
  return Join(names, ", ");
}

Result<Subject> ParseSubject(const std::string& argument, const std::vector<ServedKind>& kinds,
                             Files& files) {
  Subject subject;
  if (argument == "-") {
    subject.path = argument;
    return subject;
  }
  if (argument.empty())
    return Fail(Code::kInvalidArgument, "an empty argument names neither a file nor an object");
  const auto slash = argument.find('/');
  if (slash != std::string::npos && !(argument[0] == '.' || argument[0] == '/')) {
    subject.kind = FindKind(kinds, argument.substr(0, slash));
    subject.name = argument.substr(slash + 1);
  }
  if (subject.kind) {
    if (IsDnsSubdomain(subject.name)) return subject;
    return Fail(Code::kInvalidArgument, StrCat("\"", Shorten(subject.name, 100),
                                               "\" cannot be the name of a ", subject.kind->info.kind,
                                               "; for a file of that name write ./", Shorten(argument, 100)));
  }
  if (files.Exists(argument)) {
    subject.path = argument;
    return subject;
  }
  if (LooksLikeAFile(argument)) {
    return Fail(Code::kNotFound, StrCat("there is no file ", Shorten(argument, 300),
                                        slash == std::string::npos ? "; an object is named KIND/NAME" : ""));
  }
  return Fail(Code::kNotFound, StrCat("no plugin serves the kind \"", Shorten(argument.substr(0, slash), 100),
                                      "\"; they serve: ", KindNames(kinds)));
}

}  // namespace capstan::app
