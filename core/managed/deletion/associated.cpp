// Resources created from within a cloud object (load balancers, volumes): some are removed with it
// if the spec says so, the rest stays and keeps costing money. Status shows all of it before
// anything happens; what stays is also announced in an Event and recorded.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/judge.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

using external::Associated;

json::ArrayPtr Rendered(const ReconcileContext& ctx, const std::vector<Associated>& all) {
  auto list = json::MakeArray();
  for (const auto& item : all) {
    auto entry = json::MakeObject();
    entry->set("kind", item.kind);
    entry->set("id", item.id);
    if (!item.name.empty()) entry->set("name", item.name);
    if (item.monthly_cost > 0) entry->set("monthlyCost", item.monthly_cost);
    entry->set("goes", IsDeletedWithIt(ctx.object, item));
    list->add(entry);
  }
  return list;
}

// Whether status already says what happens to this resource.
bool IsShown(const ReconcileContext& ctx, const json::ArrayPtr& shown, const Associated& item) {
  for (std::size_t i = 0; shown && i < shown->size(); ++i) {
    const auto entry = json::AsObject(shown->get(static_cast<unsigned>(i)));
    if (json::StringIn(entry, "kind") == item.kind && json::StringIn(entry, "id") == item.id &&
        json::BooleanIn(entry, "goes") == IsDeletedWithIt(ctx.object, item)) {
      return true;
    }
  }
  return false;
}

bool AllShown(const ReconcileContext& ctx, const std::vector<Associated>& items) {
  const auto text = ctx.object.ValueAt("/status/" + ctx.info().associated_status_field);
  const auto tree = json::ParseTree(text ? *text : "null");
  const auto shown = tree ? json::AsArray(*tree) : json::ArrayPtr();
  return std::all_of(items.begin(), items.end(), [&](const auto& item) { return IsShown(ctx, shown, item); });
}

// kGoOn: status shows what is removed and what stays. Only the removed ones must be shown: if
// status has no field for it, what stays is still announced and recorded.
Result<Next> ShowFirst(ReconcileContext& ctx, const std::string& id, const std::vector<Associated>& all,
                       const std::vector<Associated>& going) {
  if (AllShown(ctx, all)) return Next::kGoOn;
  const std::string& field = ctx.info().associated_status_field;
  if (field.empty() && going.empty()) return Next::kGoOn;
  if (field.empty()) {
    return ctx.Blocked(Reason::kDeletionRejected,
                       "spec.associatedResources names resources that this kind cannot list before it "
                       "deletes them. Set it to Keep",
                       ctx.options().poll_blocked);
  }
  auto status = json::MakeObject();
  status->set(field, Rendered(ctx, all));
  CAPSTAN_RETURN_IF_ERROR(ctx.PatchStatus(status));
  if (!AllShown(ctx, all)) {
    if (going.empty()) return Next::kGoOn;
    return ctx.Blocked(Reason::kCRDOutdated,
                       StrCat("the API server dropped status.", field,
                              ", which must list associated resources before they are deleted. Apply the "
                              "CustomResourceDefinition that `capstan crds` prints, "
                              "or set spec.associatedResources to Keep"),
                       ctx.options().poll_blocked);
  }
  ctx.Synced("False", Reason::kWaiting,
             StrCat(going.size(), " of ", all.size(), " associated resources go with cloud object ", id,
                    ", the others stay; all are listed in status.", field,
                    ", and the deletion begins with the next reconcile"));
  ctx.Again(ctx.options().poll_changing);
  return Next::kStop;
}

// What stays cannot even be listed: the credentials do not permit it, or the cloud does not support
// it.
Result<Next> Unlisted(ReconcileContext& ctx, const std::string& id, const Error& error) {
  if (error.code == Code::kUnimplemented) return Next::kGoOn;
  const bool keeps_all = !IsDeletedWithIt(ctx.object, Associated{}) &&
                         !json::ParseObject(ctx.object.ValueAt("/spec/associatedResources").value_or(""));
  if (!keeps_all || ClassifyError(error.code).fault != Fault::kCredentials)
    return ctx.Trouble(error, StrCat("cannot list what was created through cloud object ", id));
  // All of it stays anyway, so a missing permission must not block the removal.
  ctx.events().Record(
      ctx.kind(), ctx.object, runtime::EventType::kWarning, kLeftBehindEvent,
      StrCat("what was created through cloud object ", id,
             " (load balancers, volumes) may stay behind and cannot be listed: ", error.message),
      ctx.context);
  return Next::kGoOn;
}

}  // namespace

Result<Next> DecideAssociated(ReconcileContext& ctx, const std::string& id, AssociatedDecision& decision) {
  auto all = ctx.cloud->ListAssociated(id, ctx.Reading());
  if (!all) return Unlisted(ctx, id, all.error());
  for (const auto& item : *all)
    (IsDeletedWithIt(ctx.object, item) ? decision.going : decision.staying).push_back(item);
  return ShowFirst(ctx, id, *all, decision.going);
}

Status AnnounceLeftBehind(ReconcileContext& ctx, const std::string& id, const std::vector<Associated>& left) {
  if (left.empty()) return {};
  CAPSTAN_RETURN_IF_ERROR(RecordLeftBehind(ctx, id, left));
  ctx.events().Record(
      ctx.kind(), ctx.object, runtime::EventType::kWarning, kLeftBehindEvent,
      Shorten(StrCat("these stay behind when cloud object ", id, " is removed: ", DescribeAssociated(left)),
              1024),
      ctx.context);
  return {};
}

}  // namespace capstan::managed
