// Kubernetes' built-in types in a compact notation, one file for each API group; read by types.cpp.
//
//   # alias  full.package.name  group/version          starts a package
//   == Name [kind] [body] [atomic] [open] : text        a type; "kind": served in the package's group and
//                                                       version, "body": read and written there, never stored
//   name number type[?][!|+] [option...] : text         a field: its name in JSON, its number in protobuf
//   > number @Type                                      fields that JSON has at this level, and protobuf in
//                                                       a message of their own
//
// Types: string int32 int64 bool number bytes time microtime quantity intstr fields raw json
// strings, schema|list schema|bool schema|strings, list<T>, map<T>, @Name of the same package and
// @alias.Name. "?" is optional in Go (a pointer): its zero value differs from its absence. "!" is
// required, "+" is optional but always written. Options of lists: set, atomic, keys=a,b (list-map),
// merge=KEY or merge (strategic merge patch by key, or as a set); of objects: atomic, retain;
// default="V"; enum=a,b: the values that a server accepts. The text is the description in
// `kubectl explain`. Constant; thread-safe.
#pragma once

#include <string_view>

namespace capstan::apiserver {

std::string_view MetaTable();
std::string_view CoreTable();
std::string_view AppsTable();
std::string_view BatchTable();
std::string_view NetworkingTable();
std::string_view PolicyTable();
std::string_view AutoscalingTable();
std::string_view RbacTable();
std::string_view StorageTable();
std::string_view SchedulingTable();
std::string_view CertificatesTable();
std::string_view AdmissionRegistrationTable();
std::string_view CoordinationTable();
std::string_view EventsTable();
std::string_view DiscoveryTable();
std::string_view NodeTable();
std::string_view AuthenticationTable();
std::string_view AuthorizationTable();
std::string_view ApiRegistrationTable();
std::string_view ApiExtensionsTable();

}  // namespace capstan::apiserver
