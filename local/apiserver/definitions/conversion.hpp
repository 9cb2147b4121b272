// Calls the conversion webhooks of CRDs.
//
// Makes one call for up to kObjectsOfOneCall objects. The result is what the webhook returned,
// except for metadata: there the webhook can change only labels and annotations. Thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <capstan/core/base/random.hpp>
#include <capstan/local/apiserver/admission/webhook_caller.hpp>
#include <capstan/local/apiserver/writing/version_converter.hpp>

namespace capstan::apiserver {

class ConversionWebhooks final : public VersionConverter {
 public:
  static constexpr std::size_t kObjectsOfOneCall = 500;
  // The references must outlive this object. `timeout` applies to each call.
  ConversionWebhooks(WebhookCaller& caller, Random& random, std::chrono::seconds timeout)
      : caller_(caller), random_(random), timeout_(timeout) {}

  Answer<std::vector<json::ObjectPtr>> Convert(const Resource& resource, const Version& to,
                                               std::vector<json::ObjectPtr> objects,
                                               const Cancellation* cancellation) override;

 private:
  // Errors: the text that Kubernetes prints after "conversion webhook for KIND ".
  Result<std::vector<json::ObjectPtr>> Ask(const Resource& resource, const std::string& version,
                                           const std::vector<json::ObjectPtr>& objects,
                                           const Cancellation* cancellation);

  WebhookCaller& caller_;
  Random& random_;
  const std::chrono::seconds timeout_;
};

}  // namespace capstan::apiserver
