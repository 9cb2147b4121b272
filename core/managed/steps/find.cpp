#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

// A cloud may keep the capitals of a tag's first use, so owners are compared without them.
Result<Found> FindOurs(ReconcileContext& ctx, const external::Identity& identity) {
  auto all = ctx.cloud->Find(identity, ctx.Desired(), ctx.Reading());
  if (!all) return Failure(std::move(all).error());
  Found found;
  for (auto& item : *all) {
    if (item.identity != identity.tag) {
      if (!found.name_taken) found.name_taken = std::move(item);
    } else if (!item.owner.empty() && !EqualsIgnoreCase(item.owner, identity.owner)) {
      if (!found.foreign) found.foreign = std::move(item);
    } else {
      found.ours.push_back(std::move(item));
    }
  }
  // The oldest is the one that was meant; ids decide between equals so that everybody chooses the
  // same.
  std::sort(found.ours.begin(), found.ours.end(),
            [](const external::Observed& a, const external::Observed& b) {
              const auto ta = ParseRfc3339(a.created_at), tb = ParseRfc3339(b.created_at);
              if (ta && tb && *ta != *tb) return *ta < *tb;
              return a.id < b.id;
            });
  return found;
}

std::optional<Reason> NotOurs(const ReconcileContext& ctx, const external::Observed& observed) {
  if (ctx.setting.info.identity == external::IdentityKept::kNone) return std::nullopt;
  if (observed.identity != ctx.identity.tag) return Reason::kIdentityTagMissing;
  if (!observed.owner.empty() && !EqualsIgnoreCase(observed.owner, ctx.identity.owner))
    return Reason::kForeignOwner;
  return std::nullopt;
}

std::string NotOursMessage(const ReconcileContext& ctx, const external::Observed& observed, Reason reason) {
  if (reason == Reason::kForeignOwner) {
    return StrCat("cloud object ", observed.id, " (", observed.name, ") carries the owner tag ",
                  observed.owner, ", ours is ", ctx.identity.owner,
                  ": another operator looks after it, perhaps on a copy of this cluster. Nothing is changed. "
                  "If it is ours, "
                  "start this operator with --owner_id of the former");
  }
  return StrCat(
      "cloud object ", observed.id, " (", observed.name, ") does not carry our tag ", ctx.identity.tag,
      observed.identity.empty() ? std::string(" any more") : StrCat(" but ", observed.identity),
      ". Nothing is changed. Put the tag back, or set annotation capstan.dev/abandon to the id to let it go");
}

}  // namespace capstan::managed
