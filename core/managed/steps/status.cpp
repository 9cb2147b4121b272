// Status: only the fields we own, only what differs, and with the resourceVersion, because
// conditions are a list.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// The list including ours; conditions of others stay unchanged.
json::Tree Conditions(const ReconcileContext& ctx) {
  std::string list = ctx.object.ValueAt("/status/conditions").value_or("");
  if (!kube::ParseConditions(list)) list.clear();  // anything that is not a list is replaced by one
  for (const auto& [type, condition] : ctx.conditions) {
    kube::Condition wanted;
    wanted.type = type;
    wanted.status = condition.status;
    wanted.reason = std::string(ReasonName(condition.reason));
    wanted.message = condition.message.empty() ? wanted.reason : condition.message;
    wanted.observed_generation = ctx.object.generation();
    if (auto set = kube::SetCondition(list, wanted, ctx.server_time())) list = *std::move(set);
  }
  return json::ParseTree(list).value_or(json::Tree());
}

bool Differs(json::ObjectPtr status, const std::string& field, const json::Tree& value) {
  if (!status->has(field)) return !json::IsNull(value);
  const auto wanted = json::AsObject(value);
  if (!wanted) return !json::Equal(status->get(field), value);
  // A merge patch leaves fields alone that it does not name.
  const auto merged = json::MergePatch(json::ToText(status->get(field)), json::ToText(wanted));
  return !merged ||
         !json::Equal(std::string_view(*merged), std::string_view(json::ToText(status->get(field))));
}

// Kubernetes 1.20 built with a newer Go reads an empty string as null and refuses it where the
// schema says string, and with it the whole status. To a reader of status, an empty string and an
// absent one mean the same.
json::Tree WithoutEmptyTexts(const json::Tree& value) {
  if (auto object = json::AsObject(value)) {
    auto kept = json::MakeObject();
    for (const auto& [field, member] : *object) {
      if (!(member.isString() && member.extract<std::string>().empty()))
        kept->set(field, WithoutEmptyTexts(member));
    }
    return json::Tree(kept);
  }
  if (auto array = json::AsArray(value)) {
    auto kept = json::MakeArray();
    for (std::size_t i = 0; i < array->size(); ++i)
      kept->add(WithoutEmptyTexts(array->get(static_cast<unsigned>(i))));
    return json::Tree(kept);
  }
  return value;
}

// The provider's fields: an empty string removes the field.
json::ObjectPtr ShownFields(const json::ObjectPtr& fields) {
  auto shown = json::MakeObject();
  for (const auto& [field, value] : *fields) {
    const bool empty = value.isString() && value.extract<std::string>().empty();
    shown->set(field, empty ? json::Tree() : WithoutEmptyTexts(value));
  }
  return shown;
}

// One Event for each change of a condition, and a log line if the change is for the worse.
void Announce(ReconcileContext& ctx, const std::string& type, const Condition& now,
              const kube::Condition& before) {
  const Announcement announcement = AnnouncementOf(now.reason);
  const std::string reason(ReasonName(now.reason));
  if (announcement == Announcement::kNot) return;
  if (before.reason == reason &&
      !(announcement == Announcement::kEachMessage && before.message != now.message))
    return;
  const bool bad = announcement == Announcement::kWarning;
  ctx.events().Record(ctx.kind(), ctx.object,
                      bad ? runtime::EventType::kWarning : runtime::EventType::kNormal, reason, now.message,
                      ctx.context);
  if (bad) {
    ctx.log().Warning(StrCat("condition ", type, " turned bad"),
                      {{"object", ctx.What()}, {"reason", reason}, {"message", now.message}});
  }
}

}  // namespace

Status WriteStatus(ReconcileContext& ctx) {
  auto parsed = json::ParseObject(ctx.object.ValueAt("/status").value_or("{}"));
  const json::ObjectPtr status = parsed ? *parsed : json::MakeObject();
  auto wanted = ShownFields(ctx.fields);
  if (ctx.external_changes->size() != 0) wanted->set("external", ctx.external_changes);
  if (!ctx.conditions.empty()) {
    wanted->set("conditions", Conditions(ctx));
    wanted->set("observedGeneration", ctx.object.generation());
  }
  auto changes = json::MakeObject();
  for (const auto& [field, value] : *wanted) {
    if (Differs(status, field, value)) changes->set(field, value);
  }
  if (changes->size() == 0) return {};
  std::map<std::string, kube::Condition> before;
  for (const auto& [type, condition] : ctx.conditions)
    before[type] = kube::ConditionIn(ctx.object, type).value_or(kube::Condition{});
  CAPSTAN_RETURN_IF_ERROR(ctx.PatchStatus(changes));
  for (const auto& [type, condition] : ctx.conditions) Announce(ctx, type, condition, before[type]);
  for (const auto& notice : ctx.notices) {
    ctx.events().Record(ctx.kind(), ctx.object, runtime::EventType::kNormal, kNoticeEvent,
                        Shorten(notice.text, 1024), ctx.context);
  }
  return {};
}

}  // namespace capstan::managed
