#include "website.hpp"

namespace example {

using namespace capstan;

Result<Website> Website::FromJson(std::string_view json) {
  CAPSTAN_TRY(const Json document, Json::Parse(json));
  const Json& spec = document["spec"];
  if (!spec["title"].is_string()) return Fail(Code::kInvalidArgument, "spec.title must be a text");
  Website website;
  website.spec.title = spec["title"].AsString();
  website.spec.body = spec["body"].AsString();
  website.spec.replicas = spec["replicas"].AsInteger(1);
  return website;
}

std::string Website::ToJson() const {
  const kube::Kind kind = Kind();
  Json document;
  document.Set("apiVersion", kind.api_version()).Set("kind", kind.kind);
  document.Set("spec", Json().Set("title", spec.title).Set("body", spec.body).Set("replicas", spec.replicas));
  return document.ToText();
}

}  // namespace example
