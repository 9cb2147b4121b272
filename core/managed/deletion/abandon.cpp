// What is let go is written down where it can be found: a ConfigMap a month in the operator's
// namespace, and the log. Events are refused in a namespace that is being deleted, which is when
// this matters most.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

Status RecordAbandoned(Visit& visit, const std::string& id, const std::string& account,
                       const std::string& why) {
  visit.setting.parts.log.Warning("a cloud object stays behind", {{"object", visit.What()},
                                                                  {"uid", visit.object.uid()},
                                                                  {"id", id},
                                                                  {"account", account},
                                                                  {"tag", visit.identity.tag},
                                                                  {"why", why}});
  auto entry = json::MakeObject();
  entry->set("kind", visit.setting.kind.kind);
  entry->set("namespace", visit.object.metadata().namespace_);
  entry->set("name", visit.object.metadata().name);
  entry->set("id", id);
  entry->set("account", account);
  entry->set("tag", visit.identity.tag);
  entry->set("why", why);
  entry->set("time", FormatRfc3339(visit.Now()));
  auto data = json::MakeObject();
  data->set(visit.object.uid() + (id.empty() ? "" : "." + Shorten(id, 100)), json::ToText(entry));
  auto patch = json::MakeObject();
  patch->set("data", data);

  const kube::Kind kind = kube::ConfigMapKind();
  const kube::ObjectKey key{visit.setting.options.operator_namespace,
                            StrCat(kAbandonedPrefix, "-", FormatRfc3339(visit.Now()).substr(0, 7))};
  auto& client = visit.setting.parts.client;
  auto reply = client.Patch(kind, key, kube::PatchType::kMerge, json::ToText(patch), kube::PatchOptions{},
                            visit.context);
  if (!reply && reply.error().code == Code::kNotFound) {
    auto metadata = json::MakeObject();
    metadata->set("name", key.name);
    metadata->set("namespace", key.namespace_);
    auto map = json::Clone(patch);
    map->set("apiVersion", std::string("v1"));
    map->set("kind", std::string("ConfigMap"));
    map->set("metadata", metadata);
    reply = client.Create(kind, key.namespace_, json::ToText(map), visit.context);
  }
  if (reply) return {};
  const Error& error = reply.error();
  // Letting go was asked for; a missing right or namespace of ours must not hold it up. The log has
  // it.
  if (error.code == Code::kPermissionDenied || error.code == Code::kNotFound ||
      error.code == Code::kInvalidArgument || error.code == Code::kTooLarge) {
    visit.setting.parts.log.Error("cannot write down what stays behind",
                                  {{"configmap", key}, {"error", error.message}});
    return {};
  }
  return Fail(error);
}

}  // namespace capstan::managed
