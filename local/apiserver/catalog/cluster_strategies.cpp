// Kinds that belong to the cluster itself: endpoints, ingresses, and registrations of webhooks and
// APIs.
#include <set>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/field_of.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

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

// --- limits, quotas and revisions

// Generates a name for a LimitRange without one.
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

Errors ValidateQuota(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  if (!old) return {};
  const auto scopes_of = [](const ObjectPtr& quota) {
    const auto scopes = json::StringsIn(json::ObjectIn(quota, "spec"), "scopes");
    return std::set<std::string>(scopes.begin(), scopes.end());
  };
  if (scopes_of(fresh) == scopes_of(old)) return {};
  return {InvalidField("spec.scopes", FieldOf(json::ObjectIn(fresh, "spec"), "scopes"), kImmutable)};
}

Errors ValidateRevision(ObjectPtr fresh, ObjectPtr old, std::string_view) {
  if (json::IsNull(FieldOf(fresh, "data"))) return {RequiredField("data", "data is mandatory")};
  if (old && !json::Equal(FieldOf(fresh, "data"), FieldOf(old, "data")))
    return {InvalidField("data", FieldOf(fresh, "data"), kImmutable)};
  return {};
}

// --- registrations

Errors ValidateWebhooks(ObjectPtr fresh, ObjectPtr, std::string_view) {
  Errors errors;
  std::set<std::string> names;
  std::size_t index = 0;
  for (const ObjectPtr& hook : json::ObjectsIn(fresh, "webhooks")) {
    const std::string field = StrCat("webhooks[", index++, "].name"), name = TextIn(hook, "name");
    if (names.insert(name).second) continue;
    FieldError twice = InvalidField(field, name, "");
    twice.type = FieldErrorType::kDuplicate;
    errors.push_back(std::move(twice));
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

// The server records the requesting user of a certificate.
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

// The problem of a PEM certificate request, or "".
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
  if (kind == "LimitRange") return {PrepareLimitRange, ValidateLimitRange};
  if (kind == "ResourceQuota") return {nullptr, ValidateQuota};
  if (kind == "ControllerRevision") return {nullptr, ValidateRevision};
  if (kind == "APIService") return {nullptr, ValidateApiService};
  if (kind == "CertificateSigningRequest") return {PrepareSigningRequest, ValidateSigningRequest};
  if (group == "admissionregistration.k8s.io" && kind.find("Webhook") != std::string_view::npos)
    return {nullptr, ValidateWebhooks};
  return {};
}

}  // namespace capstan::apiserver
