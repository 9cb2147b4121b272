// The variable `authorizer` of admission policies: authorization checks, built step by step.
#include <utility>

#include <capstan/local/apiserver/schema/cel/authorizer.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>

namespace capstan::apiserver::cel {
namespace {

using Kind = Value::Kind;

constexpr std::size_t kCheckCost = 350'000;  // as in Kubernetes: a check can be a remote call

// The strings in `items` of a kAuthorizer, and the stage of the check (`whole`).
enum Part { kAccountNamespace, kAccount, kPath, kGroup, kResource, kSubresource, kName, kNamespace, kParts };
enum Stage { kStart, kPathCheck, kGroupCheck, kResourceCheck, kDecision };

Result<Value> With(const Value& question, Stage from, Stage to, Part part, const Value& text, Meter& meter) {
  if (question.whole != from) return NoOverload();
  CAPSTAN_RETURN_IF_ERROR(meter.Take(kParts * sizeof(Value)));
  std::vector<Value> parts = *question.items;
  parts[part] = text;
  Value next = List(std::move(parts));
  next.kind = Kind::kAuthorizer;
  next.whole = to;
  return next;
}

Result<Value> Path(const Arguments& a, Meter& meter) {
  return With(a[0], kStart, kPathCheck, kPath, a[1], meter);
}
Result<Value> Group(const Arguments& a, Meter& meter) {
  return With(a[0], kStart, kGroupCheck, kGroup, a[1], meter);
}
Result<Value> OfResource(const Arguments& a, Meter& meter) {
  return With(a[0], kGroupCheck, kResourceCheck, kResource, a[1], meter);
}
template <Part part>
Result<Value> Narrow(const Arguments& a, Meter& meter) {
  return With(a[0], kResourceCheck, kResourceCheck, part, a[1], meter);
}
Result<Value> ServiceAccount(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(const Value named, With(a[0], kStart, kStart, kAccountNamespace, a[1], meter));
  return With(named, kStart, kStart, kAccount, a[2], meter);
}

Result<Value> Check(const Arguments& a, Meter& meter) {
  if (a[0].whole != kPathCheck && a[0].whole != kResourceCheck) return NoOverload();
  CAPSTAN_RETURN_IF_ERROR(meter.Charge(kCheckCost));
  const auto text = [&a](Part part) { return (*a[0].items)[part].String(); };
  AccessCheck check;
  check.account_namespace = text(kAccountNamespace);
  check.account = text(kAccount);
  check.of_path = a[0].whole == kPathCheck;
  check.path = text(kPath);
  check.group = text(kGroup);
  check.resource = text(kResource);
  check.subresource = text(kSubresource);
  check.name = text(kName);
  check.namespace_ = text(kNamespace);
  check.verb = a[1].String();
  const auto allowed = meter.authorizer() ? (*meter.authorizer())(check) : std::nullopt;
  Value decision = TextOfKind(Kind::kAuthorizer, allowed.value_or(""));
  decision.whole = kDecision;
  decision.truth = allowed.has_value();
  return decision;
}

Result<Value> Allowed(const Arguments& a, Meter&) {
  return a[0].whole == kDecision ? Result<Value>(Bool(a[0].truth)) : NoOverload();
}
Result<Value> Reason(const Arguments& a, Meter&) {
  return a[0].whole == kDecision ? Result<Value>(Text(a[0].String())) : NoOverload();
}
Result<Value> Errored(const Arguments& a, Meter&) {
  return a[0].whole == kDecision ? Result<Value>(Bool(false)) : NoOverload();
}
Result<Value> NoError(const Arguments& a, Meter&) {
  return a[0].whole == kDecision ? Result<Value>(Text("")) : NoOverload();
}

}  // namespace

Value AuthorizerValue() {
  Value value = List(std::vector<Value>(kParts, Text("")));
  value.kind = Kind::kAuthorizer;
  value.whole = kStart;
  return value;
}

Value RequestResource(const AccessCheck& request) {
  std::vector<Value> parts(kParts, Text(""));
  parts[kGroup] = Text(request.group);
  parts[kResource] = Text(request.resource);
  parts[kSubresource] = Text(request.subresource);
  parts[kName] = Text(request.name);
  parts[kNamespace] = Text(request.namespace_);
  Value value = List(std::move(parts));
  value.kind = Kind::kAuthorizer;
  value.whole = kResourceCheck;
  return value;
}

std::vector<Function> AccessFunctions() {
  return {
      {"path", true, "As", 'a', Path},
      {"group", true, "As", 'a', Group},
      {"resource", true, "As", 'a', OfResource},
      {"subresource", true, "As", 'a', Narrow<kSubresource>},
      {"namespace", true, "As", 'a', Narrow<kNamespace>},
      {"name", true, "As", 'a', Narrow<kName>},
      {"serviceAccount", true, "Ass", 'a', ServiceAccount},
      {"check", true, "As", 'a', Check},
      {"allowed", true, "A", 'b', Allowed},
      {"reason", true, "A", 's', Reason},
      {"errored", true, "A", 'b', Errored},
      {"error", true, "A", 's', NoError},
  };
}

}  // namespace capstan::apiserver::cel
