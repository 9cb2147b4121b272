#include <capstan/local/apiserver/definitions/conversion.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;

// A conversion can enlarge an object, but only within limits.
constexpr std::size_t kAnswerLeast = std::size_t{3} << 20;
constexpr std::size_t kAnswerFactor = 4;

std::string KindWords(const ObjectPtr& object) {
  return StrCat(TextIn(object, "apiVersion"), ", Kind=", TextIn(object, "kind"));
}

// The first review version in the list of the webhook that this server supports; "" for none.
std::string ReviewVersion(const ObjectPtr& webhook) {
  for (const std::string& version : json::StringsIn(webhook, "conversionReviewVersions")) {
    if (version == "v1" || version == "v1beta1") return version;
  }
  return {};
}

// The webhook controls labels and annotations; all other metadata is restored.
Status RestoreMetadata(const ObjectPtr& original, ObjectPtr converted) {
  const ObjectPtr made = json::ObjectIn(converted, "metadata");
  if (!made)
    return Fail(Code::kInvalidArgument, "returned invalid metadata: missing metadata in converted object");
  ObjectPtr metadata = json::Clone(json::ObjectIn(original, "metadata"));
  for (const char* field : {"labels", "annotations"}) {
    const ObjectPtr given = json::ObjectIn(made, field);
    metadata->remove(field);
    if (!given) continue;
    for (const auto& [key, value] : *given) {
      if (!value.isString()) {
        return Fail(Code::kInvalidArgument, StrCat("returned invalid metadata: metadata.", field, "[", key,
                                                   "] must be a string in converted object"));
      }
    }
    metadata->set(field, given);
  }
  converted->set("metadata", metadata);
  return {};
}

Status CheckConverted(const ObjectPtr& original, const ObjectPtr& converted, const std::string& version) {
  const std::string group_version = TextIn(converted, "apiVersion"), kind = TextIn(converted, "kind");
  const auto invalid = [](const std::string& what) {
    return Status(Fail(Code::kInvalidArgument, "returned invalid object" + what));
  };
  if (group_version != version)
    return invalid(
        StrCat(" at index 0: invalid groupVersion (expected ", version, ", received ", group_version, ")"));
  if (kind != TextIn(original, "kind"))
    return invalid(
        StrCat(" at index 0: invalid kind (expected ", TextIn(original, "kind"), ", received ", kind, ")"));
  for (const auto& [field, words] :
       {std::pair{"name", "name"}, std::pair{"namespace", "namespace"}, std::pair{"uid", "UID"}}) {
    const std::string before = MetaString(original, field), after = MetaString(converted, field);
    if (before != after) return invalid(StrCat(": must have the same ", words, ": ", before, " != ", after));
  }
  return RestoreMetadata(original, converted);
}

}  // namespace

Result<std::vector<ObjectPtr>> ConversionWebhooks::Ask(const Resource& resource, const std::string& version,
                                                       const std::vector<ObjectPtr>& objects,
                                                       const Cancellation* cancellation) {
  const ObjectPtr& webhook = resource.conversion_webhook;
  const std::string review_version = ReviewVersion(webhook);
  if (review_version.empty())
    return Fail(Code::kInvalidArgument, "failed: no supported conversion review versions");
  ObjectPtr review = json::MakeObject(), request = json::MakeObject();
  json::ArrayPtr list = json::MakeArray();
  for (const ObjectPtr& object : objects) list->add(object);
  const std::string uid = random_.Uuid();
  request->set("uid", uid);
  request->set("desiredAPIVersion", version);
  request->set("objects", list);
  review->set("kind", std::string("ConversionReview"));
  review->set("apiVersion", "apiextensions.k8s.io/" + review_version);
  review->set("request", request);
  std::size_t sent = 0;
  for (const ObjectPtr& object : objects) sent += json::ToText(object).size();
  auto body = caller_.Post(json::ObjectIn(webhook, "clientConfig"), review, timeout_,
                           std::max(kAnswerLeast, kAnswerFactor * sent), cancellation);
  if (!body) return Fail(body.error().code, "failed: " + body.error().message);
  const ObjectPtr response = json::ObjectIn(*body, "response"), result = json::ObjectIn(response, "result");
  if (!response) return Fail(Code::kInvalidArgument, "failed: no response provided");
  if (review_version == "v1" && TextIn(response, "uid") != uid) {
    return Fail(Code::kInvalidArgument,
                StrCat("failed: expected response.uid=\"", uid, "\", got \"", TextIn(response, "uid"), "\""));
  }
  if (TextIn(result, "status") != "Success") {
    const std::string message = TextIn(result, "message");
    return Fail(Code::kInvalidArgument,
                StrCat("failed: ", message.empty() ? StrCat("response.result.status was '",
                                                            TextIn(result, "status"), "', not 'Success'")
                                                   : message));
  }
  std::vector<ObjectPtr> converted = json::ObjectsIn(response, "convertedObjects");
  if (converted.size() != objects.size()) {
    return Fail(Code::kInvalidArgument,
                StrCat("returned ", converted.size(), " objects, expected ", objects.size()));
  }
  for (std::size_t i = 0; i < objects.size(); ++i)
    CAPSTAN_RETURN_IF_ERROR(CheckConverted(objects[i], converted[i], version));
  return converted;
}

Answer<std::vector<ObjectPtr>> ConversionWebhooks::Convert(const Resource& resource, const Version& to,
                                                           std::vector<ObjectPtr> objects,
                                                           const Cancellation* cancellation) {
  const std::string version = resource.ApiVersion(to.name);
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (TextIn(objects[i], "apiVersion") != version) others.push_back(i);
  }
  for (std::size_t from = 0; from < others.size(); from += kObjectsOfOneCall) {
    const std::size_t end = std::min(others.size(), from + kObjectsOfOneCall);
    std::vector<ObjectPtr> asked;
    for (std::size_t i = from; i < end; ++i) asked.push_back(objects[others[i]]);
    auto made = Ask(resource, version, asked, cancellation);
    if (!made && cancellation && cancellation->seen()) return ClientIsGone();
    if (!made) {
      return Refuse(500, "",
                    StrCat("conversion webhook for ", KindWords(asked.front()), " ", made.error().message));
    }
    for (std::size_t i = from; i < end; ++i) {
      const ObjectPtr& object = (*made)[i - from];
      if (to.schema) to.schema->Prune(object);
      objects[others[i]] = object;
    }
  }
  return objects;
}

}  // namespace capstan::apiserver
