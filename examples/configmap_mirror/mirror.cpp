// Copies ConfigMaps with label mirror.example.dev/source into the namespaces in annotation
// mirror.example.dev/to, such as "team-a, team-b". Copies follow changes of their source and are
// deleted with it.
#include "mirror.hpp"

#include <set>

namespace example {
namespace {

using namespace capstan;

const kube::Kind kMap = kube::ConfigMapKind();

std::set<kube::ObjectKey> WantedCopies(const kube::Object& source) {
  std::set<kube::ObjectKey> wanted;
  for (const std::string& piece : Split(source.Annotation("mirror.example.dev/to").value_or(""), ',')) {
    const std::string to(Trim(piece));
    if (!to.empty() && to != source.metadata().namespace_) wanted.insert({to, source.metadata().name});
  }
  return wanted;
}

Status Copy(Turn<>& source) {
  const auto wanted = WantedCopies(source.object());
  CAPSTAN_TRY(const auto made, source.Made(kMap));
  for (const kube::ObjectKey& key : made) {
    if (wanted.count(key) == 0) CAPSTAN_RETURN_IF_ERROR(source.Remove(kMap, key));
  }
  for (const kube::ObjectKey& key : wanted)
    CAPSTAN_RETURN_IF_ERROR(source.Make(kMap, key, Json().Set("data", source["data"])));
  return {};
}

Status RemoveCopies(Turn<>& source) {
  CAPSTAN_TRY(const auto made, source.Made(kMap));
  for (const kube::ObjectKey& key : made) CAPSTAN_RETURN_IF_ERROR(source.Remove(kMap, key));
  return {};
}

}  // namespace

void Configure(Operator& all) {
  all.For(kMap).Select("mirror.example.dev/source").Makes(kMap).Reconcile(Copy).Cleanup(RemoveCopies);
}

}  // namespace example
