#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# The arrows between folders (style rule: core <- store, net <- agent; cli sees core, net and
# agent's front door; store and net never meet), and who may include which library.
bad=0
may() { if grep -rnE '^ *# *include +"' "$1" --include='*.h' --include='*.cpp' | grep -vE "\"($2)"; then bad=1; fi; }
only() { if grep -rnE "^ *# *include +<($2)" core store net agent cli | grep -vE "^($1)"; then bad=1; fi; }
may core 'core/'
may store 'core/|store/'
may net 'core/|net/'
may agent 'core/|store/|net/|agent/'
may cli 'core/|net/|cli/|agent/run\.h'
may core/base 'core/base/'
may core/model 'core/(base|model)/'
may core/raft 'core/(base|raft)/'
[ ! -d core/gossip ] || may core/gossip 'core/(base|gossip)/'
may core/metrics 'core/(base|metrics)/'
may core/jobspec 'core/(base|model|jobspec)/'
may core/sched 'core/(base|model|sched)/'
may core/client 'core/(base|model|client)/'
may core/leader 'core/(base|model|sched|leader)/'
may core/server 'core/(base|model|sched|leader|raft|server)/'
may agent/server '(core|store|net)/|agent/(server|config|metrics|gateway)'
may agent/client '(core|store|net)/|agent/(client|config|metrics|gateway|discovery)'
may agent/discovery '(core|net)/|agent/(config|discovery)'
only net/uv/ 'uv\.h'
only store/sqlite 'SQLiteCpp|sqlite3'
only net/http/parser 'llhttp'
only 'net/secure/|core/base/digest' 'sodium'
only 'net/uv/worker|store/by_two|store/state/load_allocs' 'thread>|mutex>|condition_variable>|atomic>|future>'
only core/sched/regex 're2/'
only core/base/json 'rapidjson'
exit $bad
