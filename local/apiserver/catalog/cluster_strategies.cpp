// What joins a cluster together: addresses, ways in, storage, and who is asked about writes.
#include <algorithm>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

json::Tree At(const ObjectPtr& object, const std::string& field) {
  return object && object->has(field) ? object->get(field) : json::Tree();
}

// --- Endpoints

bool IsIp(const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 || inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

Errors ValidateEndpoints(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  std::size_t index = 0;
  for (const ObjectPtr& subset : json::ObjectsIn(fresh, "subsets")) {
    const std::string path = StrCat("subsets[", index++, "]");
    std::size_t count = 0;
    for (const char* list : {"addresses", "notReadyAddresses"}) {
      std::size_t at = 0;
      for (const ObjectPtr& address : json::ObjectsIn(subset, list)) {
        const std::string ip = TextIn(address, "ip");
        if (!ip.empty() && !IsIp(ip)) {
          errors.push_back(InvalidField(StrCat(path, ".", list, "[", at, "].ip"), ip,
                                        "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
        }
        ++at;
        ++count;
      }
    }
    if (count == 0) errors.push_back(RequiredField(path, "must specify `addresses` or `notReadyAddresses`"));
  }
  return errors;
}

// --- Ingress

void CheckBackend(const ObjectPtr& backend, const std::string& path, Errors& errors) {
  const ObjectPtr service = json::ObjectIn(backend, "service"),
                  resource = json::ObjectIn(backend, "resource");
  if (service && resource) {
    errors.push_back(InvalidField(path, std::string(), "cannot set both resource and service backends"));
    return;
  }
  if (!service && !resource) {
    errors.push_back(InvalidField(path, std::string(), "resource or service backend is required"));
    return;
  }
  if (!service) return;
  const std::string name = TextIn(service, "name");
  if (name.empty()) {
    errors.push_back(RequiredField(path + ".service.name", ""));
  } else if (std::string why = CheckLabelName(name); !why.empty()) {
    errors.push_back(InvalidField(path + ".service.name", name, why));
  }
  const ObjectPtr port = json::ObjectIn(service, "port");
  const std::string port_name = TextIn(port, "name");
  const auto number = json::IntegerIn(port, "number").value_or(0);
  if (port_name.empty() && number == 0) {
    errors.push_back(RequiredField(path, "port name or number is required"));
  } else if (!port_name.empty() && number != 0) {
    errors.push_back(InvalidField(path, std::string(), "cannot set both port name & port number"));
  } else if (number != 0 && (number < 1 || number > 65535)) {
    errors.push_back(
        InvalidField(path + ".service.port.number", number, "must be between 1 and 65535, inclusive"));
  }
}

Errors ValidateIngress(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec"), backend = json::ObjectIn(spec, "defaultBackend");
  const auto rules = json::ObjectsIn(spec, "rules");
  if (rules.empty() && !backend) {
    return {InvalidField("spec", json::ArrayOf(std::vector<std::string>{}),
                         "either `defaultBackend` or `rules` must be specified")};
  }
  if (backend) CheckBackend(backend, "spec.defaultBackend", errors);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string path = StrCat("spec.rules[", i, "]"), host = TextIn(rules[i], "host");
    constexpr std::string_view kWildcard = "*.";
    const std::string plain = host.rfind(kWildcard, 0) == 0 ? host.substr(kWildcard.size()) : host;
    if (!host.empty() && IsIp(host)) {
      errors.push_back(InvalidField(path + ".host", host, "must be a DNS name, not an IP address"));
    } else if (std::string why = plain.empty() ? "" : CheckSubdomainName(plain); !why.empty()) {
      errors.push_back(InvalidField(path + ".host", host, why));
    }
    const ObjectPtr http = json::ObjectIn(rules[i], "http");
    if (!http) continue;
    const auto paths = json::ObjectsIn(http, "paths");
    if (paths.empty()) errors.push_back(RequiredField(path + ".http.paths", ""));
    for (std::size_t k = 0; k < paths.size(); ++k) {
      const std::string at = StrCat(path, ".http.paths[", k, "]"), text = TextIn(paths[k], "path");
      const bool any = TextIn(paths[k], "pathType") == "ImplementationSpecific" && text.empty();
      if (!any && (text.empty() || text.front() != '/'))
        errors.push_back(InvalidField(at + ".path", text, "must be an absolute path"));
      CheckBackend(json::ObjectIn(paths[k], "backend"), at + ".backend", errors);
    }
  }
  return errors;
}

Errors ValidateIngressClass(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  const std::string controller = TextIn(json::ObjectIn(fresh, "spec"), "controller");
  if (old && controller != TextIn(json::ObjectIn(old, "spec"), "controller"))
    errors.push_back(InvalidField("spec.controller", controller, kImmutable));
  const std::size_t slash = controller.find('/');
  const bool prefixed = slash != std::string::npos && slash + 1 < controller.size() &&
                        CheckSubdomainName(controller.substr(0, slash)).empty() &&
                        controller.find(' ') == std::string::npos;
  if (!controller.empty() && !prefixed) {
    errors.push_back(InvalidField("spec.controller", controller,
                                  "must be a domain-prefixed path (such as \"acme.io/foo\")"));
  }
  return errors;
}

// --- storage

ObjectPtr SourceOf(const ObjectPtr& volume) {
  ObjectPtr source = json::Clone(json::ObjectIn(volume, "spec"));
  if (!source) source = json::MakeObject();
  for (const char* other :
       {"capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName",
        "mountOptions", "volumeMode", "nodeAffinity", "volumeAttributesClassName"})
    source->remove(other);
  return source;
}

void PrepareVolume(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  if (old) return;
  ObjectPtr status = json::MakeObject();
  status->set("phase", std::string("Pending"));
  fresh->set("status", status);
}

Errors ValidateVolume(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  const ObjectPtr now = json::ObjectIn(fresh, "spec"), before = json::ObjectIn(old, "spec");
  if (old && TextIn(now, "volumeMode") != TextIn(before, "volumeMode"))
    errors.push_back(InvalidField("volumeMode", At(now, "volumeMode"), kImmutable));
  const ObjectPtr source = SourceOf(fresh);
  if (source->size() == 0) errors.push_back(RequiredField("spec", "must specify a volume type"));
  if (source->size() > 1) errors.push_back(ForbiddenField("spec", "may not specify more than 1 volume type"));
  const ObjectPtr host = json::ObjectIn(source, "hostPath");
  if (host && TextIn(host, "path").empty()) errors.push_back(RequiredField("spec.hostPath.path", ""));
  if (old && !json::Equal(json::Tree(source), json::Tree(SourceOf(old)))) {
    errors.push_back(ForbiddenField("spec.persistentvolumesource",
                                    "spec.persistentvolumesource is immutable after creation"));
  }
  return errors;
}

// --- limits and revisions

// A LimitRange without a name gets one.
void PrepareLimitRange(ObjectPtr fresh, ObjectPtr old, const WriteMoment&) {
  const bool named = !MetaString(fresh, "name").empty() || !MetaString(fresh, "generateName").empty();
  if (!old && !named) MetaOf(fresh)->set("name", MetaString(fresh, "uid"));
}

Errors ValidateLimitRange(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  std::size_t index = 0;
  for (const ObjectPtr& limit : json::ObjectsIn(json::ObjectIn(fresh, "spec"), "limits")) {
    const std::string path = StrCat("spec.limits[", index++, "].type"), type = TextIn(limit, "type");
    if (type.empty()) continue;
    std::string why = CheckQualifiedName(type);
    const bool standard = type == "Pod" || type == "Container" || type == "PersistentVolumeClaim";
    if (why.empty() && type.find('/') == std::string::npos && !standard)
      why = "must be a standard limit type or fully qualified";
    if (!why.empty()) errors.push_back(InvalidField(path, type, why));
  }
  return errors;
}

Errors ValidateRevision(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  if (json::IsNull(At(fresh, "data"))) return {RequiredField("data", "data is mandatory")};
  if (old && !json::Equal(At(fresh, "data"), At(old, "data")))
    return {InvalidField("data", At(fresh, "data"), kImmutable)};
  return {};
}

// --- registrations

void CheckService(const ObjectPtr& service, const std::string& path, Errors& errors) {
  if (TextIn(service, "name").empty())
    errors.push_back(RequiredField(path + ".name", "service name is required"));
  if (TextIn(service, "namespace").empty())
    errors.push_back(RequiredField(path + ".namespace", "service namespace is required"));
  const std::string where = TextIn(service, "path");
  if (!where.empty() && where.front() != '/')
    errors.push_back(InvalidField(path + ".path", where, "must start with a '/'"));
}

Errors ValidateWebhooks(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  std::size_t index = 0;
  for (const ObjectPtr& hook : json::ObjectsIn(fresh, "webhooks")) {
    const std::string path = StrCat("webhooks[", index++, "]"), name = TextIn(hook, "name");
    std::string why = name.empty() ? "" : CheckSubdomainName(name);
    if (why.empty() && !name.empty() && std::count(name.begin(), name.end(), '.') < 2)
      why = "should be a domain with at least three segments separated by dots";
    if (!why.empty()) errors.push_back(InvalidField(path + ".name", name, why));
    const ObjectPtr config = json::ObjectIn(hook, "clientConfig"),
                    service = json::ObjectIn(config, "service");
    const std::string url = TextIn(config, "url");
    if (url.empty() == (service == nullptr)) {
      errors.push_back(RequiredField(path + ".clientConfig", "exactly one of url or service is required"));
    } else if (service) {
      CheckService(service, path + ".clientConfig.service", errors);
    } else if (url.rfind("https://", 0) != 0) {
      errors.push_back(
          InvalidField(path + ".clientConfig.url", url.substr(0, url.find("://")),
                       "'https' is the only allowed URL scheme; desired format: https://host[/path]"));
    }
    const auto versions = json::StringsIn(hook, "admissionReviewVersions");
    const bool known = std::any_of(versions.begin(), versions.end(),
                                   [](const auto& one) { return one == "v1" || one == "v1beta1"; });
    if (!versions.empty() && !known) {
      errors.push_back(InvalidField(path + ".admissionReviewVersions", At(hook, "admissionReviewVersions"),
                                    "must include at least one of v1, v1beta1"));
    }
    const auto seconds = json::IntegerIn(hook, "timeoutSeconds").value_or(10);
    if (seconds < 1 || seconds > 30) {
      errors.push_back(InvalidField(path + ".timeoutSeconds", seconds,
                                    "the timeout value must be between 1 and 30 seconds"));
    }
  }
  return errors;
}

Errors ValidateApiService(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  const std::string wanted = StrCat(TextIn(spec, "version"), ".", TextIn(spec, "group")),
                    name = MetaString(fresh, "name");
  if (name != wanted) {
    errors.push_back(InvalidField("metadata.name", name,
                                  StrCat("must be `spec.version+\".\"+spec.group`: \"", wanted, "\"")));
  }
  if (const ObjectPtr service = json::ObjectIn(spec, "service")) {
    for (const char* field : {"name", "namespace"}) {
      if (TextIn(service, field).empty()) errors.push_back(RequiredField(StrCat("spec.service.", field), ""));
    }
  }
  return errors;
}

// Who asks for a certificate is written down by the server.
void PrepareSigningRequest(ObjectPtr fresh, ObjectPtr old, const WriteMoment& moment) {
  ObjectPtr spec = json::ObjectIn(fresh, "spec");
  if (!spec) spec = json::MakeObject();
  fresh->set("spec", spec);
  if (old) {
    if (moment.subresource.empty()) fresh->set("spec", json::ObjectIn(old, "spec"));
    return;
  }
  if (!moment.user) return;
  spec->set("username", moment.user->name);
  spec->set("groups", json::ArrayOf(moment.user->groups));
}

// What is wrong with a PEM of a request for a certificate, or "".
std::string CheckPem(const std::string& pem) {
  constexpr std::string_view kOpening = "-----BEGIN CERTIFICATE REQUEST-----";
  if (pem.find(kOpening) == std::string::npos) return "PEM block type must be CERTIFICATE REQUEST";
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> request(
      bio ? PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr) : nullptr, X509_REQ_free);
  ERR_clear_error();
  return request ? "" : "asn1: syntax error: the request cannot be read";
}

Errors ValidateSigningRequest(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  Errors errors;
  if (old) return errors;
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  const std::string encoded = TextIn(spec, "request"), signer = TextIn(spec, "signerName");
  std::string pem;
  (void)Base64Decode(encoded, pem);
  if (std::string why = encoded.empty() ? "" : CheckPem(pem); !why.empty())
    errors.push_back(InvalidField("spec.request", encoded, why));
  const std::size_t slash = signer.find('/');
  if (!signer.empty() &&
      (slash == std::string::npos || signer.substr(0, slash).find('.') == std::string::npos)) {
    errors.push_back(
        InvalidField("spec.signerName", signer,
                     "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
  }
  return errors;
}

}  // namespace

Strategy ClusterStrategy(std::string_view group, std::string_view kind) {
  if (kind == "Endpoints") return {nullptr, ValidateEndpoints};
  if (kind == "Ingress") return {nullptr, ValidateIngress};
  if (kind == "IngressClass") return {nullptr, ValidateIngressClass};
  if (kind == "PersistentVolume") return {PrepareVolume, ValidateVolume};
  if (kind == "LimitRange") return {PrepareLimitRange, ValidateLimitRange};
  if (kind == "ControllerRevision") return {nullptr, ValidateRevision};
  if (kind == "APIService") return {nullptr, ValidateApiService};
  if (kind == "CertificateSigningRequest") return {PrepareSigningRequest, ValidateSigningRequest};
  if (group == "admissionregistration.k8s.io" && kind.find("Webhook") != std::string_view::npos)
    return {nullptr, ValidateWebhooks};
  return {};
}

}  // namespace capstan::apiserver
