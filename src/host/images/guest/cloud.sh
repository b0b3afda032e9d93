# Read by the first process where the system brings cloud-init, and Haneul has told it how (99_haneul.cfg): its stages, in their order, at
# each boot. It remembers itself what it has done for this instance.

# Its source for EC2 asks with tokens, as instances may demand, only where firmware names Amazon, and neither a container nor
# user-mode-linux has any. Elsewhere it would ask for addresses by DHCP then: that is why the first stage is not told.
as_ec2='
import sys
from cloudinit.sources import DataSourceEc2 as ec2
ec2.identify_platform = lambda: ec2.CloudNames.AWS
from cloudinit.cmd.main import main
sys.argv[0] = "cloud-init"
sys.exit(main())
'

# The network, and of a new instance its name, which a container could not be given a second time.
leave_what_is_done() {
	$bb mkdir -p $cloud/data
	: >$cloud/data/upgraded-network
	[ -z "$is_new" ] || printf '{"hostname": "%s", "fqdn": "%s"}\n' "${name%%.*}" "$name" >$cloud/data/set-hostname
}

run_cloud_init() {
	[ ! -e /etc/cloud/cloud-init.disabled ] || return
	IFS= read -r python </usr/bin/cloud-init
	case $python in
	'#!'*python*) ;;
	*)
		echo 'haneul: cloud-init of this system is no program of Python, and is left alone'
		return
		;;
	esac
	python=${python#'#!'}
	leave_what_is_done
	(
		trap - TERM USR1 USR2
		cd /
		cloud-init init --local
		$python -c "$as_ec2" init
		cloud-init modules --mode=config
		cloud-init modules --mode=final
	) </dev/null 2>&1
}
