// Whatever is abandoned is recorded where it can be found: in one ConfigMap per month in the
// operator's namespace, and in the log. Events are refused in a namespace that is being deleted,
// which is when this matters most.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

namespace {

json::ObjectPtr Entry(const ReconcileContext& ctx, const std::string& id, const std::string& account,
                      const std::string& why) {
  auto entry = json::MakeObject();
  entry->set("kind", ctx.kind().kind);
  entry->set("namespace", ctx.object.metadata().namespace_);
  entry->set("name", ctx.object.metadata().name);
  entry->set("id", id);
  entry->set("account", account);
  entry->set("tag", ctx.identity.tag);
  entry->set("why", why);
  entry->set("time", FormatRfc3339(ctx.server_time()));
  return entry;
}

// Adds an entry to the ConfigMap of this month, creating it if necessary.
Status WriteDown(ReconcileContext& ctx, const std::string& name, const json::ObjectPtr& entry) {
  auto data = json::MakeObject();
  data->set(name, json::ToText(entry));
  auto patch = json::MakeObject();
  patch->set("data", data);

  const kube::Kind kind = kube::ConfigMapKind();
  const kube::ObjectKey key{ctx.options().operator_namespace,
                            StrCat(kAbandonedPrefix, "-", FormatRfc3339(ctx.server_time()).substr(0, 7))};
  auto& client = ctx.client();
  auto reply = client.Patch(kind, key, kube::PatchType::kMerge, json::ToText(patch), kube::PatchOptions{},
                            ctx.context);
  if (!reply && reply.error().code == Code::kNotFound) {
    auto metadata = json::MakeObject();
    metadata->set("name", key.name);
    metadata->set("namespace", key.namespace_);
    auto map = json::Clone(patch);
    map->set("apiVersion", std::string("v1"));
    map->set("kind", std::string("ConfigMap"));
    map->set("metadata", metadata);
    reply = client.Create(kind, key.namespace_, json::ToText(map), ctx.context);
  }
  if (reply) return {};
  const Error& error = reply.error();
  // The user asked to abandon it; a missing permission or a missing operator namespace must not
  // prevent that. The log has the entry.
  if (error.code == Code::kPermissionDenied || error.code == Code::kNotFound ||
      error.code == Code::kInvalidArgument || error.code == Code::kTooLarge) {
    ctx.log().Error("cannot record an abandoned cloud object",
                    {{"configmap", key}, {"error", error.message}});
    return {};
  }
  return Fail(error);
}

}  // namespace

Status RecordAbandoned(ReconcileContext& ctx, const std::string& id, const std::string& account,
                       const std::string& why) {
  ctx.log().Warning("abandoned a cloud object", {{"object", ctx.What()},
                                                 {"uid", ctx.object.uid()},
                                                 {"id", id},
                                                 {"account", account},
                                                 {"tag", ctx.identity.tag},
                                                 {"why", why}});
  return WriteDown(ctx, ctx.object.uid() + (id.empty() ? "" : "." + Shorten(id, 100)),
                   Entry(ctx, id, account, why));
}

Status RecordLeftBehind(ReconcileContext& ctx, const std::string& id,
                        const std::vector<external::Associated>& left) {
  ctx.log().Warning("kept associated resources", {{"object", ctx.What()},
                                                  {"uid", ctx.object.uid()},
                                                  {"id", id},
                                                  {"account", ctx.account},
                                                  {"left", DescribeAssociated(left)}});
  auto list = json::MakeArray();
  for (const auto& item : left) {
    auto entry = json::MakeObject();
    entry->set("kind", item.kind);
    entry->set("id", item.id);
    if (!item.name.empty()) entry->set("name", item.name);
    if (item.monthly_cost > 0) entry->set("monthlyCost", item.monthly_cost);
    list->add(entry);
  }
  auto entry = Entry(ctx, id, ctx.account, "spec.associatedResources keeps what was made through it");
  entry->set("left", list);
  return WriteDown(ctx, StrCat(ctx.object.uid(), ".", Shorten(id, 100), ".left"), entry);
}

}  // namespace capstan::managed
