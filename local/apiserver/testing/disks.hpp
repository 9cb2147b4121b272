// A CRD "disks" whose versions need a webhook for conversion: v1 has spec.size, which v2 calls
// spec.count.
#pragma once

#include <string>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// The CRD, with the webhook at `url` signed by the authority `ca_pem`; v1 is the storage version.
inline std::string DiskDefinition(const std::string& url, const std::string& ca_pem) {
  return StrCat(R"({"metadata":{"name":"disks.x.io"},"spec":{"group":"x.io","scope":"Namespaced",)"
                R"("names":{"plural":"disks","kind":"Disk"},"conversion":{"strategy":"Webhook","webhook":{)"
                R"("conversionReviewVersions":["v1"],"clientConfig":{"url":")",
                url, R"(/convert","caBundle":")", Base64Encode(ca_pem),
                R"("}}},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":)"
                R"({"type":"object","properties":{"spec":{"type":"object","properties":{)"
                R"("size":{"type":"integer"},"kind":{"type":"string","default":"ssd"}}}}}}},)"
                R"({"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object",)"
                R"("properties":{"spec":{"type":"object","properties":{"count":{"type":"integer"},)"
                R"("kind":{"type":"string"}}}}}}}]}})");
}

// The path of all disks in `version`; `rest` is appended.
inline std::string Disks(const std::string& version, const std::string& rest = "") {
  return "/apis/x.io/" + version + "/namespaces/default/disks" + rest;
}

// The response to a ConversionReview: the disks of its request in the requested version.
inline json::ObjectPtr ConvertedDisks(const json::ObjectPtr& request) {
  const std::string version = json::TextIn(request, "desiredAPIVersion");
  json::ArrayPtr objects = json::MakeArray();
  for (json::ObjectPtr object : json::ObjectsIn(request, "objects")) {
    json::ObjectPtr spec = json::ObjectIn(object, "spec");
    const char *from = version == "x.io/v2" ? "size" : "count", *to = version == "x.io/v2" ? "count" : "size";
    if (spec && spec->has(from)) {
      spec->set(to, spec->get(from));
      spec->remove(from);
    }
    object->set("apiVersion", version);
    objects->add(object);
  }
  json::ObjectPtr result = json::MakeObject(), response = json::MakeObject();
  result->set("status", std::string("Success"));
  response->set("uid", request->get("uid"));
  response->set("result", result);
  response->set("convertedObjects", objects);
  return response;
}

}  // namespace capstan::apiserver
