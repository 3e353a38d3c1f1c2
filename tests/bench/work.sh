#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# work.sh ROUNDS DIR: real programs at work, each once to warm up and then ROUNDS
# times. Prints "ROW seconds..." for each. Everything is written below DIR, a
# tmpfs or the like.
set -e
rounds=$1
cd "$2"
export LC_ALL=C PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin

row() {
	local name=$1 i begin end
	shift
	printf '%s' "$name"
	for ((i = 0; i <= rounds; i++)); do
		begin=$EPOCHREALTIME
		"$@" > /dev/null 2>&1 || { echo " failed"; return; }
		end=$EPOCHREALTIME
		[ "$i" = 0 ] || printf ' %d' $((${end/./} - ${begin/./}))
	done
	echo
}

# ---- what they work on ----

# a file of 1000 lines and more, and a project of 20
write_c() {
	local i
	echo '#include <stdio.h>'
	echo '#include <stdlib.h>'
	echo '#include <string.h>'
	for ((i = 0; i < $2; i++)); do
		cat <<-END
		static int f$1_$i(const char *s, int n)
		{
			char buf[64];
			int sum = 0;
			snprintf(buf, sizeof(buf), "%s:%d", s, n);
			for (char *p = buf; *p; p++)
				sum += *p * $i + n % 7;
			return n > 1 ? sum + (int)strlen(buf) : sum - abs(n);
		}
		END
	done
	echo "int g$1(int n) { int s = 0;"
	for ((i = 0; i < $2; i++)); do
		echo "s += f$1_$i(\"x$i\", n);"
	done
	echo 'return s; }'
}

mkdir project
write_c 0 110 > file.c
for ((n = 0; n < 20; n++)); do
	write_c $n 12 > project/part$n.c
done
{
	echo 'int main(void) { return 0; }'
} > project/main.c
cat > project/Makefile <<'END'
objects := $(patsubst %.c,%.o,$(wildcard *.c))
all: $(objects)
	gcc -o all $(objects)
%.o: %.c
	gcc -O1 -c -o $@ $<
END

true_500() {
	/bin/sh -c 'i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i+1)); done'
}

tar_usr() {
	tar cf - /usr | wc -c
}

make_j2() {
	rm -f project/*.o
	make -s -j2 -C project
}

sqlite() {
	rm -f db
	python3 -c '
import sqlite3
db = sqlite3.connect("db")
db.execute("create table t (a integer primary key, b text)")
for i in range(200):
    with db:
        db.executemany("insert into t (b) values (?)", [(str(k) * 4,) for k in range(50)])
'
}

row gcc_file gcc -O2 -c file.c
row true_500 true_500
row find_usr find /usr -size +1k
row tar_usr tar_usr
row python_start python3 -c pass
row make_j2 make_j2
row sqlite_insert sqlite
