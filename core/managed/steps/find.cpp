#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// Some clouds lower-case names or drop characters that they do not accept.
std::string Plain(const std::string& name) {
  std::string plain = ToLower(name);
  for (char& c : plain) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '-';
  }
  return plain;
}

// Whether the item is a match because it has the name in `desired`; for a part, a name that begins
// with the part's.
bool HasOurName(const ReconcileContext& ctx, const external::Identity& identity,
                const external::Observed& item) {
  const std::string name = Plain(item.name);
  if (!identity.target.empty()) {
    return name.rfind(Plain(identity.target.substr(identity.target.rfind('/') + 1)), 0) == 0;
  }
  return name == Plain(ctx.object.StringAt("/spec/name").value_or("")) ||
         name == Plain(ctx.object.metadata().name) || name.find(Plain(ctx.object.uid())) != std::string::npos;
}

}  // namespace

Result<Next> DoubtFind(ReconcileContext& ctx, const external::Observed& stray) {
  Error error =
      MakeError(Code::kDataLoss,
                StrCat("it shows ", stray.id, " (", stray.name,
                       "), which has neither this object's tag nor its name: that is a bug of the provider"));
  return ctx.Trouble(error, "ignoring what the provider found");
}

// A cloud may keep the capitalization of a tag's first use, so owners are compared without case.
Result<Found> FindOurs(ReconcileContext& ctx, const external::Identity& identity) {
  auto all = ctx.cloud->Find(identity, ctx.Desired(), ctx.Reading());
  if (!all) return Failure(std::move(all).error());
  Found found;
  for (auto& item : *all) {
    if (item.identity != identity.tag) {
      if (item.id == identity.parent) continue;  // a provider without parts returns the whole
      auto& which = HasOurName(ctx, identity, item) ? found.name_taken : found.stray;
      if (!which) which = std::move(item);
    } else if (!item.owner.empty() && !EqualsIgnoreCase(item.owner, identity.owner)) {
      if (!found.foreign) found.foreign = std::move(item);
    } else {
      found.ours.push_back(std::move(item));
    }
  }
  // The oldest is the intended one; ids break ties, so that every process chooses the same.
  std::sort(found.ours.begin(), found.ours.end(),
            [](const external::Observed& a, const external::Observed& b) {
              const auto ta = ParseRfc3339(a.created_at), tb = ParseRfc3339(b.created_at);
              if (ta && tb && *ta != *tb) return *ta < *tb;
              return a.id < b.id;
            });
  return found;
}

std::optional<Reason> NotOurs(const ReconcileContext& ctx, const external::Observed& observed) {
  if (ctx.info().identity == external::IdentityKept::kNone) return std::nullopt;
  if (observed.identity != ctx.identity.tag) return Reason::kIdentityTagMissing;
  if (!observed.owner.empty() && !EqualsIgnoreCase(observed.owner, ctx.identity.owner))
    return Reason::kForeignOwner;
  return std::nullopt;
}

std::string NotOursMessage(const ReconcileContext& ctx, const external::Observed& observed, Reason reason) {
  if (reason == Reason::kForeignOwner) {
    return StrCat(
        "cloud object ", observed.id, " (", observed.name, ") carries the owner tag ", observed.owner,
        ", ours is ", ctx.identity.owner,
        ": another operator manages it, perhaps on a copy of this cluster. The operator changes nothing. If "
        "no operator manages it any more (deletionPolicy Retain leaves the tags), remove the "
        "tag ",
        observed.owner,
        " from it in the cloud. If this is that operator on a restored cluster, start it with "
        "--owner-id=",
        observed.owner.substr(std::min(observed.owner.size(), sizeof kOwnerPrefix - 1)));
  }
  return StrCat("cloud object ", observed.id, " (", observed.name, ") does not carry our tag ",
                ctx.identity.tag,
                observed.identity.empty() ? std::string(" any more") : StrCat(" but ", observed.identity),
                ". The operator changes nothing. Put the tag back; or, to abandon it, delete this object "
                "with annotation ",
                kAbandonAnnotation, "=", observed.id);
}

}  // namespace capstan::managed
