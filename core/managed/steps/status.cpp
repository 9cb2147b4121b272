// Status: only the fields we own, only what differs, and the resourceVersion with it, since
// conditions are a list.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// The list with ours in it; others' conditions stay as they are.
json::Tree Conditions(const ReconcileContext& ctx) {
  std::string list = ctx.object.ValueAt("/status/conditions").value_or("");
  if (!kube::ParseConditions(list)) list.clear();  // what is no list is replaced by one
  for (const auto& [type, condition] : ctx.conditions) {
    kube::Condition wanted;
    wanted.type = type;
    wanted.status = condition.status;
    wanted.reason = std::string(ReasonName(condition.reason));
    wanted.message = condition.message.empty() ? wanted.reason : condition.message;
    wanted.observed_generation = ctx.object.generation();
    if (auto set = kube::SetCondition(list, wanted, ctx.Now())) list = *std::move(set);
  }
  return json::ParseTree(list).value_or(json::Tree());
}

// What `kubectl describe` shows: turns of events, not states that everything passes through.
std::optional<runtime::EventType> EventFor(Reason reason) {
  switch (reason) {
    case Reason::kPending:
    case Reason::kInSync:
    case Reason::kWaiting:
    case Reason::kNotVisible:
    case Reason::kDeleted:
      return std::nullopt;
    case Reason::kCreating:
    case Reason::kAvailable:
    case Reason::kUpdating:
    case Reason::kDeleting:
    case Reason::kApplying:
    case Reason::kPaused:
    case Reason::kObserveOnly:
      return runtime::EventType::kNormal;
    default:
      return runtime::EventType::kWarning;
  }
}

bool Differs(json::ObjectPtr status, const std::string& field, const json::Tree& value) {
  if (!status->has(field)) return !json::IsNull(value);
  const auto wanted = json::AsObject(value);
  if (!wanted) return !json::Equal(status->get(field), value);
  // A merge patch leaves alone what it does not name.
  const auto merged = json::MergePatch(json::ToText(status->get(field)), json::ToText(wanted));
  return !merged ||
         !json::Equal(std::string_view(*merged), std::string_view(json::ToText(status->get(field))));
}

// Kubernetes 1.20 built with a newer Go takes an empty text for null and refuses it where the
// schema says string, and with it the whole status. To a reader of status a text that is empty and
// one that is not there are the same.
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

// The provider's fields: an empty text removes the field.
json::ObjectPtr Shown(const json::ObjectPtr& fields) {
  auto shown = json::MakeObject();
  for (const auto& [field, value] : *fields) {
    const bool empty = value.isString() && value.extract<std::string>().empty();
    shown->set(field, empty ? json::Tree() : WithoutEmptyTexts(value));
  }
  return shown;
}

}  // namespace

Status WriteStatus(ReconcileContext& ctx) {
  auto parsed = json::ParseObject(ctx.object.ValueAt("/status").value_or("{}"));
  const json::ObjectPtr status = parsed ? *parsed : json::MakeObject();
  auto wanted = Shown(ctx.fields);
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
  std::map<std::string, std::string> before;
  for (const auto& [type, condition] : ctx.conditions) before[type] = ctx.ConditionReason(type);
  CAPSTAN_RETURN_IF_ERROR(ctx.PatchStatus(changes));
  for (const auto& [type, condition] : ctx.conditions) {
    const auto event = EventFor(condition.reason);
    if (!event || before[type] == ReasonName(condition.reason)) continue;
    ctx.setting.parts.events.Record(ctx.setting.kind, ctx.object, *event,
                                    std::string(ReasonName(condition.reason)), condition.message,
                                    ctx.context);
    // Whoever reads logs alone learns of it too: one line for each turn.
    if (*event == runtime::EventType::kWarning) {
      ctx.setting.parts.log.Warning(
          StrCat("condition ", type, " turned bad"),
          {{"object", ctx.What()}, {"reason", ReasonName(condition.reason)}, {"message", condition.message}});
    }
  }
  for (const auto& notice : ctx.notices) {
    ctx.setting.parts.events.Record(ctx.setting.kind, ctx.object, runtime::EventType::kNormal, kNoticeEvent,
                                    Shorten(notice.text, 1024), ctx.context);
  }
  return {};
}

}  // namespace capstan::managed
