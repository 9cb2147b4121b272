// managementPolicy ReadOnly: a reference to a cloud object of another owner. It has no finalizer,
// no record, no tag and no claim, because its deletion requires no work; the cloud object is found
// again by the spec. Any number of objects may refer to the same one.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/plan_view.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

using external::Observed;

Next NotFound(ReconcileContext& ctx, const std::string& why) {
  ctx.Ready("False", Reason::kPending, "the cloud object was not found");
  return ctx.BackOff(Reason::kReferenceNotFound,
                     why + ". The operator creates nothing for a ReadOnly object");
}

// The object with that id; nullopt if it does not exist.
Result<std::optional<Observed>> ById(ReconcileContext& ctx, const std::string& id) {
  const auto same = [&](const Observed& item) { return item.id == id; };
  CAPSTAN_TRY(auto seen, ctx.cloud->Look(id, LookAge(ctx), same, ctx.Reading()));
  ctx.listed = seen.listed;
  return std::move(seen.object);
}

// All objects of that name, of any owner.
Result<std::vector<Observed>> ByName(ReconcileContext& ctx, const std::string& name) {
  CAPSTAN_TRY(auto all, ctx.cloud->Find(ctx.identity, SearchDocument(ctx.object, name), ctx.Reading()));
  all.erase(std::remove_if(all.begin(), all.end(), [&](const Observed& item) { return item.name != name; }),
            all.end());
  return all;
}

Result<Next> LookById(ReconcileContext& ctx, const std::string& id) {
  auto seen = ById(ctx, id);
  if (!seen) return ctx.Trouble(seen.error(), StrCat("cannot observe cloud object ", id));
  if (!*seen) {
    return NotFound(ctx, StrCat("account ", ctx.account, " has no cloud object ", id,
                                ". Correct spec.adopt, or use credentials of its account"));
  }
  ctx.observed = std::move(**seen);
  return Next::kGoOn;
}

Result<Next> LookByName(ReconcileContext& ctx, const std::string& name) {
  // The object shown last usually still has the name: a shared list answers that.
  const std::string& field = ctx.info().id_status_field;
  const std::string last = field.empty() ? "" : ctx.object.StringAt("/status/" + field).value_or("");
  if (!last.empty()) {
    auto seen = ById(ctx, last);
    if (!seen) return ctx.Trouble(seen.error(), StrCat("cannot observe cloud object ", last));
    if (*seen && (*seen)->name == name) {
      ctx.observed = std::move(**seen);
      return Next::kGoOn;
    }
  }
  auto all = ByName(ctx, name);
  if (!all && all.error().code == Code::kUnimplemented)
    return NotFound(ctx, "this provider cannot look up names: name the id in spec.adopt");
  if (!all) return ctx.Trouble(all.error(), "cannot list what the account has");
  if (all->empty()) {
    return NotFound(ctx, StrCat("account ", ctx.account, " has nothing named ", name,
                                ". Name it in spec.adopt, or use credentials of its account"));
  }
  if (all->size() > 1) {
    std::vector<std::string> ids;
    for (const auto& item : *all) ids.push_back(item.id);
    std::sort(ids.begin(), ids.end());
    return NotFound(ctx, StrCat("account ", ctx.account, " has ", ids.size(), " objects named ", name, ": ",
                                Join(ids, ", "),
                                ". Name one by its id: ", AdoptionLine(ctx.object, ctx.info(), ids.front())));
  }
  ctx.observed = std::move(all->front());
  ctx.listed = false;
  return Next::kGoOn;
}

}  // namespace

void ReportReference(ReconcileContext& ctx) {
  const std::string& plan = ctx.info().plan_status_field;
  if (!plan.empty()) ctx.fields->set(plan, json::Tree());
  ctx.Synced("True", Reason::kReadOnly,
             StrCat("managementPolicy is ReadOnly: cloud object ", ctx.looked_at(),
                    " is only observed: nothing is compared or changed"));
}

Result<Next> Refer(ReconcileContext& ctx) {
  const AdoptionRequest requested = Reference(ctx.object, ctx.info());
  CAPSTAN_STEP(requested.id.empty() ? LookByName(ctx, requested.name) : LookById(ctx, requested.id));
  ctx.reference = ctx.observed->id;
  Show(ctx, *ctx.observed);
  CAPSTAN_RETURN_IF_ERROR(AskForNotices(ctx, *ctx.observed));
  ReportReference(ctx);
  CAPSTAN_TRY(const Next next, PublishConnection(ctx));
  LookAgainLater(ctx);
  return next;
}

}  // namespace capstan::managed
