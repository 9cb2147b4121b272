// External is one connection to one account of a cloud, for one kind of resource: create, observe,
// delete, and if the cloud supports it, find, list, plan and change. The core decides when to act;
// an External acts once and reports what happened.
//
// Thread-safe unless the manifest's concurrency says otherwise. Implementations never retry a
// request that creates or changes something, never wait for a state, keep no state of their own
// except caches, and never log credentials. Every call may block; it returns when its Context stops
// or its deadline passes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::external {

// The owner of a cloud object. The request that creates the object carries both tags.
struct Identity {
  std::string tag;    // "capstan:<uid of the Kubernetes object>"
  std::string owner;  // "capstan-owner:<uid of kube-system, or --owner_id>"
  // For a part of an object (a node pool): the id of the whole; otherwise empty.
  std::string parent;
  std::string target;  // for a part: which one, by its Step::target in the plan; otherwise empty
};

// The lifecycle phase of a cloud object, as its cloud reports it.
enum class Phase : std::int32_t {
  kCreating = 1,  // accepted, not usable yet
  kReady = 2,     // usable as desired
  kUpdating = 3,  // usable or not, changing because of us or by itself
  kDegraded = 4,  // usable, with faults
  kFailed = 5,    // will not become usable by waiting
  kDeleting = 6,  // being removed
};
std::string_view PhaseName(Phase phase);

// A cloud object as observed.
struct Observed {
  std::string id;        // the cloud's id, never reused
  std::string name;      // its name in the cloud
  std::string identity;  // the tag "capstan:..." it carries, or empty
  std::string owner;     // the tag "capstan-owner:..." it carries, or empty
  Phase phase = Phase::kCreating;
  std::string message;     // the cloud's own message about the phase; may be empty
  std::string created_at;  // RFC 3339, or empty if unknown; determines the oldest of several
  // JSON object: the fields that the provider shows in .status of the Kubernetes object.
  std::string status;
  // JSON object: everything that Plan needs for its comparison; opaque to the core.
  std::string state;
  bool connectable = false;  // whether ReadConnection may be called now
};

// The outcome of a request that changes something. Separate from the error code, because the same
// code can have different meanings: a 404 on Delete is success, a timeout of Create is an unknown
// outcome.
enum class Verdict : std::int32_t {
  kDone = 1,      // done, or accepted and in progress
  kWait = 2,      // nothing was done, the cloud is not ready for it; retry later
  kRejected = 3,  // certainly nothing was done, and the same request will be refused again
  kUnknown = 4,   // may or may not have been done
  kNotFound = 5,  // certainly nothing was done, because the object does not exist
};
std::string_view VerdictName(Verdict verdict);

// Whether an HTTP status proves that nothing was done: 4xx, except 408, which a proxy may return
// although the server behind it continued. All code that concludes anything from a status uses
// this.
constexpr bool CertainlyRefused(int http_status) {
  return http_status >= 400 && http_status < 500 && http_status != 408;
}

struct Outcome {
  Verdict verdict = Verdict::kUnknown;
  // Create, and Apply of a step that creates something: the id, with kDone.
  std::string id;
  std::optional<Error> error;  // the reason, unless kDone
};

struct Page {
  std::vector<Observed> items;
  std::string next;                   // cursor of the next page; empty on the last one
  std::optional<std::int64_t> total;  // number of items in all pages, if the cloud reports it
};

// One change towards the desired state. A step that both creates and destroys (a replacement) needs
// approval before it begins, because of what the steps after it destroy.
struct Step {
  std::string verb;    // "create", "scale", "update", "replace", "remove", "upgrade", ...
  std::string target;  // "nodePools/pool-a"; stable between calls while the step is needed
  // One readable sentence: "spec.nodePools[0].count is 3, the pool has 2".
  std::string why;
  bool makes = false;              // creates a cloud object: runs under the intent protocol
  bool destroys = false;           // destroys nodes or data: needs approval
  bool waits = false;              // must not begin before the cloud object is ready again
  double monthly_cost_change = 0;  // in the account's currency; 0 if unknown
  std::string arguments;           // JSON object for Apply; opaque to the core
  // The entry of a request annotation that this step fulfils: "capstan.dev/reset-count=pool-a";
  // empty: none. The core removes it from the annotation once the step is done.
  std::string consumes;
};
// A difference that no step can remove.
struct Unsupported {
  std::string field;  // JSON path in the Kubernetes object: "spec.nodePools[pool-a].size"
  std::string why;
};
// One field that differs from the spec, for display: desired and observed value, as short JSON
// text.
struct Difference {
  std::string field;  // JSON path in the Kubernetes object: "spec.nodePools[pool-a].count"
  std::string wanted, seen;
};
struct Plan {
  std::vector<Step> steps;  // in order
  std::vector<Unsupported> unsupported;
  std::vector<Difference> differences;  // covers everything in steps and unsupported
  // What the cloud is still doing for an earlier step, for display; a step that `waits` does not
  // begin meanwhile. Empty: nothing.
  std::string waiting;
  // Entries of request annotations that are already fulfilled; see Step::consumes.
  std::vector<std::string> spent;
};

// A resource that was created from within a cloud object and may outlive it.
struct Associated {
  // As named in spec.associatedResources: "loadBalancers", "volumes", "volumeSnapshots".
  std::string kind;
  std::string id, name;
  double monthly_cost = 0;  // in the account's currency; 0: unknown
};

struct DeleteOptions {
  std::vector<Associated> associated;  // removed with the object; no others are
};

// A message of the cloud to users about an object.
struct Notice {
  std::string at;  // RFC 3339
  std::string text;
};

// One item of a catalog of the cloud.
struct Offer {
  std::string value;      // as named in a spec: "s-2vcpu-4gb"; unique within a list
  std::string name;       // for display; may be empty
  bool available = true;  // false: listed, but currently not available
  std::string details;    // JSON object: further information, one column each; empty: none
};

// How to connect to a cloud object: the content of the connection Secret.
struct Connection {
  std::map<std::string, Secret> data;  // key of the Secret to value: {"kubeconfig": ...}
  std::optional<WallTime> expires;     // when it stops working, if it does
};

// The account that owns the cloud objects. The same id always means the same set of objects.
struct Account {
  std::string id;           // empty if the credentials may not read it
  std::string description;  // for display: an e-mail address, a team's name
};

// `desired` is always the JSON document {"name": metadata.name, "namespace": ..., "uid": ...,
// "spec": {...}}, with "annotations": {...} if the object has request annotations
// (managed::kRequestAnnotations).
class External {
 public:
  virtual ~External() = default;

  // The account of the credentials, read once and cached. Errors: kUnauthenticated, and those of
  // Get; credentials that may not read it give an Account with an empty id, which is not an error.
  virtual Result<Account> WhoAmI(const Context& context) = 0;

  // Everything that carries identity.tag, and everything of another identity that has the name in
  // `desired`. Complete, or an error: kDataLoss if pages are inconsistent. Never answered from a
  // cache.
  virtual Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                             const Context& context) = 0;

  // The object, or nullopt if the cloud says with certainty that it does not exist. Errors:
  // kUnauthenticated, kPermissionDenied, kResourceExhausted, kUnavailable, kDeadlineExceeded,
  // kCancelled, kDataLoss.
  virtual Result<std::optional<Observed>> Get(const std::string& id, const Context& context) = 0;

  // Creates the object with both tags of `identity`, in exactly one request.
  virtual Outcome Create(const Identity& identity, const std::string& desired, const Context& context) = 0;

  // Sets both tags of `identity` on an existing object, in one request, replacing any identity and
  // owner tags; all its other tags stay. The core has checked before that the object may be
  // adopted. kRejected with kUnimplemented if the cloud has no tags.
  virtual Outcome Adopt(const std::string& id, const Identity& identity, const Context& context);

  // The resources that would stay behind if only the object were removed. Complete, or an error.
  // kUnimplemented: there are no such resources.
  virtual Result<std::vector<Associated>> ListAssociated(const std::string& id, const Context& context);

  // Starts the removal of the object.
  virtual Outcome Delete(const std::string& id, const DeleteOptions& options, const Context& context) = 0;

  // One page of everything in the account. kUnimplemented if the cloud cannot list.
  virtual Result<Page> List(const std::string& cursor, const Context& context);

  // Compares, without any request: pure. An `observed` without an id means that nothing exists yet:
  // the plan is to create it. The default implementation never finds a difference.
  virtual Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const;

  // Carries out one step of a plan. `identity` is set for steps that create something.
  virtual Outcome Apply(const std::string& id, const Step& step, const Identity& identity,
                        const Context& context);

  // Credentials for the object; may mint new ones. kFailedPrecondition: not available yet.
  // kUnimplemented: there are none.
  virtual Result<Connection> ReadConnection(const std::string& id, const std::string& desired,
                                            const Context& context);

  // The cloud's messages about the object after `since` (RFC 3339; empty: everything still
  // available), oldest first. kUnimplemented if the cloud has no messages.
  virtual Result<std::vector<Notice>> Notices(const std::string& id, const std::string& since,
                                              const Context& context);

  // The items of one catalog of the kind (KindInfo::catalogs), in display order. Complete, or an
  // error: kUnimplemented for an unknown catalog.
  virtual Result<std::vector<Offer>> Offers(const std::string& catalog, const Context& context);
};

// The credentials that a resource names, read from its Secret (or, if allowed, from the
// environment).
struct Credentials {
  std::map<std::string, Secret> data;  // {"token": ...}
};

enum class IdentityKept : std::int32_t {
  kTag = 1,   // the cloud keeps tags, set atomically at creation
  kName = 2,  // identified by name only: unique, and derived from the uid
  kNone = 3,  // an unknown outcome waits for the user's decision
};

// One kind that a provider serves.
struct KindInfo {
  std::string group, version, kind, plural;
  bool namespaced = true;
  IdentityKept identity = IdentityKept::kTag;
  // Dotted path in the object whose value is "namespace/name" or "name": "spec.tokenSecret".
  std::string credentials_field;
  std::vector<std::string> credential_keys;  // keys that the Secret must have: {"token"}
  // Key to environment variable: {"token", "DIGITALOCEAN_ACCESS_TOKEN"}.
  std::map<std::string, std::string> credential_environment;
  // The connection Secret is named "<name><suffix>": "-kubeconfig"; empty: there is none.
  std::string connection_suffix;
  // Field of .status that names that Secret: "kubeConfigSecret".
  std::string connection_status_field;
  // Dotted path in the object to {name, keys: {ours: theirs}}, which overrides the names:
  // "spec.kubeconfigSecret"; empty: the names are fixed.
  std::string connection_secret_field;
  // Dotted paths in the object that Connection depends on: when one changes, it is read again.
  std::vector<std::string> connection_fields;
  std::string id_status_field;  // field of .status that shows the id: "clusterID"
  // Field of .status with the provider's phase: "progress"; "pending" before the creation.
  std::string phase_status_field;
  // Field of .status that shows the plan: "plan"; empty: not shown.
  std::string plan_status_field;
  // Field of .status that lists what would be removed too: "associatedResources".
  std::string associated_status_field;
  // Valid names in spec.associatedResources; empty: any.
  std::vector<std::string> associated_kinds;
  // A creation that takes longer is reported as stuck; zero: 30 minutes.
  Duration creating_limit = Duration::zero();
  // Valid arguments of External::Offers: "versions", "sizes", "regions", which have commands of
  // their own, or other names.
  std::vector<std::string> catalogs;
};

// The rate limit of one credential at one host, as documented by the cloud.
struct Quota {
  std::string host;       // "api.digitalocean.com"
  double per_minute = 0;  // 0: unknown, and learned from refusals
  // Response headers: requests in the current window, how many of them are left, when the window
  // ends (Unix time or seconds). Empty: the most common names (ratelimit-limit,
  // ratelimit-remaining, ratelimit-reset).
  std::string limit_header, remaining_header, reset_header;
};

// The self-description of a provider, available before any other call.
struct Manifest {
  std::string name;         // "digitalocean"
  std::string version;      // of the provider: "0.1.0"
  std::string description;  // one sentence
  std::vector<KindInfo> kinds;
  std::vector<std::string> crds;  // CustomResourceDefinitions, each a JSON document
  // "api.digitalocean.com"; requests to other hosts are refused
  std::vector<std::string> allowed_hosts;
  std::vector<Quota> quotas;  // of some of the hosts
  std::string config_schema;  // JSON schema of the configuration, or empty
  // Configuration field to environment variable: {"apiURL", "DIGITALOCEAN_API_URL"}.
  std::map<std::string, std::string> config_environment;
  std::int32_t max_concurrency = 16;  // concurrent calls on one instance
};

// A configured provider: creates Externals. Thread-safe. Must outlive them.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual const Manifest& manifest() const = 0;
  // Errors: kInvalidArgument (unknown kind, malformed credentials). Sends no request: credentials
  // are first used by WhoAmI.
  virtual Result<std::unique_ptr<External>> Connect(const std::string& kind, const Credentials& credentials,
                                                    const Context& context) = 0;
};

}  // namespace capstan::external
