#include <capstan/core/operator/engine/turn_state.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/operator/engine/contains.hpp>
#include <capstan/core/operator/engine/rights.hpp>

namespace capstan {

void TurnState::Record(runtime::EventType type, const std::string& reason, const std::string& message) {
  parts_.events.Record(parts_.spec.kind, object_, type, reason, Shorten(message, 1000), reporting());
}

Result<std::optional<Json>> TurnState::WantedStatus() const {
  Json wanted = Json::EmptyObject();
  const auto set = [&](const std::string& name, Json value) {
    if (!parts_.dropped->Has(name)) wanted.Set(name, std::move(value));
  };
  for (const auto& [name, value] : fields.fields()) set(name, value);
  const std::string before = object_.ValueAt("/status/conditions").value_or("[]");
  std::string after = before;
  for (const kube::Condition& condition : conditions) {
    CAPSTAN_TRY(after, kube::SetCondition(after, condition, parts_.scheduler.WallNow()));
  }
  if (after != before) {
    CAPSTAN_TRY(Json list, Json::Parse(after));
    set("conditions", std::move(list));
  }
  if (object_.generation() != 0) set("observedGeneration", object_.generation());
  const auto there = Json::Parse(object_.ValueAt("/status").value_or("null"));
  if (there && Contains(*there, wanted)) return std::optional<Json>();
  return std::optional<Json>(std::move(wanted));
}

Result<std::optional<TurnState::StatusWrite>> TurnState::StatusToWrite() const {
  if (fields.is_null() && conditions.empty()) return std::optional<StatusWrite>();
  const kube::Kind& kind = parts_.spec.kind;
  if (parts_.spec.content == Content::kMetadata) {
    return Fail(Code::kInvalidArgument,
                StrCat(kind.kind, " is watched by its metadata alone, so its status cannot be set"));
  }
  CAPSTAN_TRY(auto wanted, WantedStatus());
  if (!wanted) return std::optional<StatusWrite>();
  Json patch;
  patch.Set("metadata", Json().Set("resourceVersion", object_.resource_version())).Set("status", *wanted);
  return std::optional<StatusWrite>(StatusWrite{std::move(*wanted), patch.ToText()});
}

Status TurnState::ReadAnswer(const Json& wanted, Result<kube::Object> answer) {
  const kube::Kind& kind = parts_.spec.kind;
  if (answer) {
    NoteDroppedFields(wanted, *answer);
    Wrote(std::move(*answer));
    return {};
  }
  const Code code = answer.error().code;
  if (code != Code::kNotFound && code != Code::kUnimplemented)
    return Fail(NamingTheRule(answer.error(), kind, {"patch"}, "status"));
  // The server gives the same answer for an object that is gone and for a kind without status.
  const auto there = parts_.client.Get(kind, object_.key(), reporting());
  if (!there || there->uid() != object_.uid()) return {};
  Error error =
      MakeError(Code::kFailedPrecondition,
                StrCat(kind.resource(), " has no status to write: add `subresources: {status: {}}` ",
                       "to its CustomResourceDefinition"));
  error.reason = "NoStatusSubresource";
  return Failure(std::move(error));
}

Status TurnState::WriteStatus() {
  CAPSTAN_TRY(const auto write, StatusToWrite());
  if (!write) return {};
  kube::PatchOptions options;
  options.subresource = "status";
  return ReadAnswer(write->wanted,
                    parts_.client.Patch(parts_.spec.kind, object_.key(), kube::PatchType::kMerge,
                                        write->patch, options, reporting()));
}

void TurnState::NoteDroppedFields(const Json& wanted, const kube::Object& written) {
  const auto status = Json::Parse(written.ValueAt("/status").value_or("null"));
  if (!status) return;
  for (const auto& [name, value] : wanted.fields()) {
    const bool empty = value.is_null() || (value.is_object() && value.fields().empty());
    if (empty || !(*status)[name].is_null() || !parts_.dropped->Note(name)) continue;
    parts_.log.Warning(
        "the server drops a field of status: add it to the schema of the kind's "
        "CustomResourceDefinition",
        {{"kind", parts_.spec.kind.resource()}, {"field", "status." + name}});
  }
}

}  // namespace capstan
