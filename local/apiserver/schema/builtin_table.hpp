// Kubernetes' own kinds in short form; read by builtin.cpp.
//
//   == Name  full.name.prefix  [group/version]  : description        a definition; with group/version it is a
//   kind field[!] type [option...]  : description                          one of its fields; "!" means
//   required
//
// Types: string int32 int64 bool number time microtime bytes quantity intstr any object, map<T>,
// list<T>, @Name. Options of lists: set, atomic, keys=a,b (list-map); merge=KEY or merge (strategic
// merge patch by key, or as a set); of objects: atomic, retain.
#pragma once

#include <string_view>
#include <vector>

namespace capstan::apiserver {

// The table's parts, in order.
std::vector<std::string_view> BuiltinTable();

}  // namespace capstan::apiserver
