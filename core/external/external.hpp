// External is one connection to one account of a cloud, for one kind of resource: create, look,
// delete, and where the cloud can, find, list, plan and change. The core decides when; an External
// only does, once, and says what happened.
//
// Thread-safe unless the manifest's concurrency says otherwise. Implementations never retry a
// request that makes or changes something, never wait for a state, keep no state of their own
// beyond caches, and never log credentials. Every call may block and gives up with its Context.
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

// Who a cloud object belongs to. Both tags go into the body of the request that makes it.
struct Identity {
  std::string tag;     // "capstan:<uid of the Kubernetes object>"
  std::string owner;   // "capstan-owner:<uid of kube-system, or --owner_id>"
  std::string parent;  // for a part of an object (a node pool): the id of the whole; else empty
  std::string target;  // for a part: which one, as Plan named it in Step::target; else empty
};

// Where a cloud object is in its life, as its cloud says.
enum class Phase : std::int32_t {
  kCreating = 1,  // accepted, not usable yet
  kReady = 2,     // usable as desired
  kUpdating = 3,  // usable or not, changing by our or its own doing
  kDegraded = 4,  // usable with faults
  kFailed = 5,    // will not become usable by waiting
  kDeleting = 6,  // going away
};
std::string_view PhaseName(Phase phase);

// A cloud object as it was seen.
struct Observed {
  std::string id;        // the cloud's id, never reused
  std::string name;      // its name in the cloud
  std::string identity;  // the tag "capstan:..." it carries, or empty
  std::string owner;     // the tag "capstan-owner:..." it carries, or empty
  Phase phase = Phase::kCreating;
  std::string message;       // the cloud's own words about the phase; may be empty
  std::string created_at;    // RFC 3339, or empty where unknown; tells the oldest of several
  std::string status;        // JSON object: the fields the provider shows in .status of the Kubernetes object
  std::string state;         // JSON object: all that Plan needs to compare; opaque to the core
  bool connectable = false;  // whether Connection may be asked for now
};

// What became of a request that changes something. Apart from any code, for the same code can mean
// different things: a 404 on Delete is success, a timeout of Create is not knowing.
enum class Verdict : std::int32_t {
  kDone = 1,      // it is done, or accepted and under way
  kWait = 2,      // nothing was done, the cloud is not ready for it; ask again later
  kRejected = 3,  // certainly nothing was done, and the same request will be refused again
  kUnknown = 4,   // it may or may not have been done
  kNotFound = 5,  // certainly nothing was done, since the object is not there
};
std::string_view VerdictName(Verdict verdict);

// Whether an HTTP status says that certainly nothing was done: 4xx, but for 408, with which some
// proxy gave up waiting while the server behind it may have gone on. All code that concludes
// anything from a status asks this.
constexpr bool CertainlyRefused(int http_status) {
  return http_status >= 400 && http_status < 500 && http_status != 408;
}

struct Outcome {
  Verdict verdict = Verdict::kUnknown;
  std::string id;              // Create, and Apply of a step that makes something: the id, with kDone
  std::optional<Error> error;  // why, unless kDone
};

struct Page {
  std::vector<Observed> items;
  std::string next;                   // the cursor of the next page; empty on the last
  std::optional<std::int64_t> total;  // how many there are in all, where the cloud says so
};

// One change that leads from what is to what is wanted. A step that both makes and destroys (a
// replacement) needs consent before it begins, for what the steps after it destroy.
struct Step {
  std::string verb;       // "create", "scale", "update", "replace", "remove", "upgrade", ...
  std::string target;     // "nodePools/pool-a"; stable between calls as long as the step is still needed
  std::string why;        // one sentence for people: "spec.nodePools[0].count is 3, the pool has 2"
  bool makes = false;     // makes a cloud object: runs under the intent protocol
  bool destroys = false;  // destroys nodes or data: needs consent
  bool waits = false;     // not before the cloud object is ready again
  double monthly_cost_change = 0;  // in the account's currency, 0 where unknown
  std::string arguments;           // JSON object for Apply; opaque to the core
  // The entry of a request annotation that is used up once this step is done:
  // "capstan.dev/reset-count=pool-a"; empty: none. The core then takes it out of the annotation.
  std::string consumes;
};
// A difference that no step can remove.
struct Unsupported {
  std::string field;  // JSON path in the Kubernetes object: "spec.nodePools[pool-a].size"
  std::string why;
};
// One field that is not as the spec says, for people: what is wanted and what is there, as short
// JSON text.
struct Difference {
  std::string field;  // JSON path in the Kubernetes object: "spec.nodePools[pool-a].count"
  std::string wanted, seen;
};
struct Plan {
  std::vector<Step> steps;  // in order
  std::vector<Unsupported> unsupported;
  std::vector<Difference> differences;  // all that steps and unsupported are about
  std::string waiting;  // what the cloud still does of an earlier step, for people: a step that `waits` does
                        // not begin meanwhile; empty: nothing
  // Entries of request annotations that ask for nothing more, for it is so already; as
  // Step::consumes.
  std::vector<std::string> spent;
};

// What was made through a cloud object, from within it, and may outlive it.
struct Associated {
  std::string kind;  // as spec.associatedResources calls it: "loadBalancers", "volumes", "volumeSnapshots"
  std::string id, name;
  double monthly_cost = 0;  // in the account's currency; 0: not known
};

struct DeleteOptions {
  std::vector<Associated> associated;  // these go with it, and no others
};

// Something the cloud has to tell people about an object.
struct Notice {
  std::string at;  // RFC 3339
  std::string text;
};

// One thing that the cloud offers, of one catalog.
struct Offer {
  std::string value;      // as a spec names it: "s-2vcpu-4gb"; only once in a list
  std::string name;       // for people; may be empty
  bool available = true;  // false: it is listed, and cannot be had now
  std::string details;    // JSON object: what else there is to say, a column each; empty: nothing
};

// How to reach what was made: the content of the connection Secret.
struct Connection {
  std::map<std::string, Secret> data;  // key of the Secret to value: {"kubeconfig": ...}
  std::optional<WallTime> expires;     // when it stops working, if it does
};

// Whose cloud objects these are. The same id always means the same set of objects.
struct Account {
  std::string id;           // empty when the credentials may not ask
  std::string description;  // for people: an e-mail address, a team's name
};

// `desired` is always the JSON document {"name": metadata.name, "namespace": ..., "uid": ...,
// "spec": {...}}, with "annotations": {...} where the object has some that ask for something once
// (managed::kRequestAnnotations).
class External {
 public:
  virtual ~External() = default;

  // Which account the credentials speak for, asked once and remembered. Errors: kUnauthenticated,
  // and those of Get; credentials that may not ask give an Account with an empty id, which is not
  // an error.
  virtual Result<Account> WhoAmI(const Context& context) = 0;

  // Everything that carries identity.tag, and everything of another identity that has the name
  // `desired` asks for. Complete, or an error: kDataLoss where pages do not add up. Never served
  // from a cache.
  virtual Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                             const Context& context) = 0;

  // The object, or nothing when the cloud says with certainty that it is not there. Errors:
  // kUnauthenticated, kPermissionDenied, kResourceExhausted, kUnavailable, kDeadlineExceeded,
  // kCancelled, kDataLoss.
  virtual Result<std::optional<Observed>> Get(const std::string& id, const Context& context) = 0;

  // Makes it, with both tags of `identity` in the request, in exactly one request.
  virtual Outcome Create(const Identity& identity, const std::string& desired, const Context& context) = 0;

  // Puts both tags of `identity` on an existing object, in one request, instead of any identity and
  // owner it carries; all its other tags stay. Whether it may be taken over the core has found out
  // before. kRejected with kUnimplemented where the cloud has no tags.
  virtual Outcome Adopt(const std::string& id, const Identity& identity, const Context& context);

  // What would stay behind if the object went alone. Complete, or an error. kUnimplemented: there
  // is nothing of that sort.
  virtual Result<std::vector<Associated>> ListAssociated(const std::string& id, const Context& context);

  // Starts its removal.
  virtual Outcome Delete(const std::string& id, const DeleteOptions& options, const Context& context) = 0;

  // A page of everything in the account. kUnimplemented where the cloud cannot list.
  virtual Result<Page> List(const std::string& cursor, const Context& context);

  // What differs, without asking anyone: pure. An `observed` without id stands for nothing there
  // yet: the plan is to create it. The default sees no difference, ever.
  virtual Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const;

  // Carries out one step of a plan. `identity` is set for steps that make something.
  virtual Outcome Apply(const std::string& id, const Step& step, const Identity& identity,
                        const Context& context);

  // Credentials for what was made; may mint new ones. kFailedPrecondition: not yet. kUnimplemented:
  // there are none.
  virtual Result<Connection> ReadConnection(const std::string& id, const std::string& desired,
                                            const Context& context);

  // What the cloud told about the object after `since` (RFC 3339; empty: whatever it still has),
  // oldest first. kUnimplemented where it tells nothing.
  virtual Result<std::vector<Notice>> Notices(const std::string& id, const std::string& since,
                                              const Context& context);

  // What the cloud offers of one catalog of the kind (KindInfo::catalogs), in the order in which
  // people should read it. Complete, or an error: kUnimplemented for a catalog that there is not.
  virtual Result<std::vector<Offer>> Offers(const std::string& catalog, const Context& context);
};

// What credentials a resource names, read from its Secret (or, where allowed, from the
// environment).
struct Credentials {
  std::map<std::string, Secret> data;  // {"token": ...}
};

enum class IdentityKept : std::int32_t {
  kTag = 1,   // the cloud keeps tags, set atomically with creation
  kName = 2,  // the name alone tells: unique, and derived from the uid
  kNone = 3,  // an unknown outcome waits for a human
};

// One kind that a provider serves.
struct KindInfo {
  std::string group, version, kind, plural;
  bool namespaced = true;
  IdentityKept identity = IdentityKept::kTag;
  // Dotted path in the object to "namespace/name" or "name": "spec.tokenSecret".
  std::string credentials_field;
  std::vector<std::string> credential_keys;  // keys that the Secret must have: {"token"}
  // Key to variable: {"token", "DIGITALOCEAN_ACCESS_TOKEN"}.
  std::map<std::string, std::string> credential_environment;
  std::string connection_suffix;  // Secret "<name><suffix>" holds the connection: "-kubeconfig"; empty: none
  std::string connection_status_field;  // field of .status that names that Secret: "kubeConfigSecret"
  std::string connection_secret_field;  // dotted path in the object to {name, keys: {ours: theirs}}, which
                                        // names the Secret otherwise: "spec.kubeconfigSecret";
                                        // empty: fixed
  std::vector<std::string> connection_fields;  // dotted paths in the object that Connection depends on: when
                                               // one changes, it is read again
  std::string id_status_field;                 // field of .status that shows the id: "clusterID"
  std::string phase_status_field;  // field of .status with the provider's phase: "progress"; "pending" before
                                   // creation
  std::string plan_status_field;   // field of .status that shows the plan: "plan"; empty: not shown
  // Field of .status that lists what would go too: "associatedResources".
  std::string associated_status_field;
  std::vector<std::string> associated_kinds;   // what spec.associatedResources may name; empty: anything
  Duration creating_limit = Duration::zero();  // what is being made for longer hangs; zero: 30 minutes
  // What External::Offers may be asked for: "versions", "sizes", "regions", which have commands of
  // their own, or other names.
  std::vector<std::string> catalogs;
};

// How often one credential may ask one host, as its documentation says.
struct Quota {
  std::string host;       // "api.digitalocean.com"
  double per_minute = 0;  // 0: not known, and learned from refusals
  // Response headers: requests in the present window, what is left of them, when it ends (Unix time
  // or seconds). Empty: as most call them (ratelimit-limit, ratelimit-remaining, ratelimit-reset).
  std::string limit_header, remaining_header, reset_header;
};

// What a provider says about itself before it is asked to do anything.
struct Manifest {
  std::string name;         // "digitalocean"
  std::string version;      // of the provider: "0.1.0"
  std::string description;  // one sentence
  std::vector<KindInfo> kinds;
  std::vector<std::string> crds;           // CustomResourceDefinitions, each a JSON document
  std::vector<std::string> allowed_hosts;  // "api.digitalocean.com"; the host refuses requests to others
  std::vector<Quota> quotas;               // of some of the hosts
  std::string config_schema;               // JSON schema of the configuration, or empty
  // Field to variable: {"apiURL", "DIGITALOCEAN_API_URL"}.
  std::map<std::string, std::string> config_environment;
  std::int32_t max_concurrency = 16;  // calls at once on one instance
};

// A configured provider: makes Externals. Thread-safe. Must outlive them.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual const Manifest& manifest() const = 0;
  // Errors: kInvalidArgument (unknown kind, malformed credentials). Asks nobody: credentials are
  // first tried by WhoAmI.
  virtual Result<std::unique_ptr<External>> Connect(const std::string& kind, const Credentials& credentials,
                                                    const Context& context) = 0;
};

}  // namespace capstan::external
