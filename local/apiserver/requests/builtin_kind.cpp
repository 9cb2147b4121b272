#include <capstan/local/apiserver/requests/builtin_kind.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

std::string WhyOther(const Served& served, const std::string& api_version, const std::string& kind,
                     const BuiltinKind& wanted) {
  const std::size_t slash = api_version.find('/');
  const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash),
                    version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  const ResourcePtr known = served.FindKind(group, kind);
  if (known && !known->custom && known->FindServed(version) && kind != wanted.kind) {
    const std::string package =
        wanted.group.empty() ? "core" : wanted.group.substr(0, wanted.group.find('.'));
    return StrCat("converting (", version, ".", kind, ") to (", package, ".", wanted.kind,
                  "): unknown conversion");
  }
  return StrCat("no kind \"", kind, "\" is registered for version \"", api_version,
                "\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"");
}

}  // namespace

Done CheckBuiltinKind(const Served& served, const json::ObjectPtr& object, const BuiltinKind& wanted) {
  const std::string expected =
      wanted.group.empty() ? wanted.version : StrCat(wanted.group, "/", wanted.version);
  std::string version = json::TextIn(object, "apiVersion"), kind = json::TextIn(object, "kind");
  if (version.empty()) version = expected;
  if (kind.empty()) kind = wanted.kind;
  if (version == expected && kind == wanted.kind) return {};
  return BadRequest(StrCat(kind, " in version \"", version.substr(version.find('/') + 1),
                           "\" cannot be handled as a ", wanted.kind, ": ",
                           WhyOther(served, version, kind, wanted)));
}

}  // namespace capstan::apiserver
