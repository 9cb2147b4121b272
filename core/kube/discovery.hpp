// Discovers what a server serves: its version, the resources of a group and version, and the Kind
// for a resource name. Each function sends one or two requests; nothing is cached. Errors besides
// the Client's: kDataLoss (malformed response).
//
// As thread-safe as the Client.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/kube/client.hpp>

namespace capstan::kube {

struct ServerVersion {
  int major = 0;
  int minor = 0;
  std::string git_version;  // "v1.20.5+abc"
};
Result<ServerVersion> GetServerVersion(Client& client, const Context& context);

struct ServedResource {
  Kind kind;
  std::string singular;
  std::vector<std::string> verbs;  // "get", "list", "watch", ...
  std::vector<std::string> short_names;
  std::vector<std::string> subresources;  // "status", "scale"
  bool Can(std::string_view verb) const;
};
// All resources of a group ("" is the core group) and version; subresources are listed with their
// resource. kNotFound if the server does not serve the group in that version.
Result<std::vector<ServedResource>> ListResources(Client& client, const std::string& group,
                                                  const std::string& version, const Context& context);

// The kind for the apiVersion and kind in a manifest. The message of kNotFound says what to
// install.
Result<ServedResource> FindKind(Client& client, const std::string& api_version, const std::string& kind,
                                const Context& context);

// The kind for "digitaloceanclusters.anutosh491.dev", or "secrets" in the core group, in the
// server's preferred version; singular and short names are accepted too.
Result<ServedResource> FindResource(Client& client, const std::string& resource, const Context& context);

}  // namespace capstan::kube
